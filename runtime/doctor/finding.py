"""What a check found."""

from typing import Literal

from msgspec import Struct

Severity = Literal["ok", "note", "warning", "error"]

ORDER: tuple[Severity, ...] = ("error", "warning", "note", "ok")
"""The worst first."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sentence each: what is, what comes of it, what to do.

    * `error`: messages are lost or not sent, now or at the next fault.
    * `warning`: so it will be under load or in time.
    * `note`: worth knowing.
    * `ok`: looked at, and as it should be; it has no consequence and no remedy.
    """

    subject: str
    severity: Severity
    found: str
    consequence: str = ""
    remedy: str = ""


def good(subject: str, found: str) -> Finding:
    return Finding(subject=subject, severity="ok", found=found)


def note(subject: str, found: str, consequence: str = "", remedy: str = "") -> Finding:
    return Finding(subject=subject, severity="note", found=found, consequence=consequence, remedy=remedy)


def warning(subject: str, found: str, consequence: str, remedy: str) -> Finding:
    return Finding(subject=subject, severity="warning", found=found, consequence=consequence, remedy=remedy)


def error(subject: str, found: str, consequence: str, remedy: str) -> Finding:
    return Finding(subject=subject, severity="error", found=found, consequence=consequence, remedy=remedy)
