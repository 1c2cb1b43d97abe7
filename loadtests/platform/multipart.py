"""Reads the one file out of a multipart upload (§4.6)."""

import re

from msgspec import Struct

_NAME = re.compile(rb'name="?([^";\r\n]*)"?')
_FILENAME = re.compile(rb'filename="?([^";\r\n]*)"?')


class Upload(Struct, frozen=True, gc=False):
    """The file of the field `media`."""

    filename: str
    content: bytes


def read_upload(body: bytes) -> Upload | None:
    """The file in the field `media`; None if the body is no multipart or has no such field.

    The boundary is read from the body, whose first line it is, so that no header is needed.
    """
    line, newline, _ = body.partition(b"\r\n")
    if not newline or not line.startswith(b"--"):
        return None
    for part in _parts(body, line):
        head, blank, content = part.partition(b"\r\n\r\n")
        disposition = next(
            (each for each in head.split(b"\r\n") if each.lower().startswith(b"content-disposition")), b""
        )
        filename = _FILENAME.search(disposition)
        name = _NAME.search(disposition.replace(filename.group(0), b"") if filename else disposition)
        if blank and name and name.group(1) == b"media":
            return Upload(filename.group(1).decode(errors="replace") if filename else "", content)
    return None


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the boundaries, without the line ends that belong to these."""
    return [part.removeprefix(b"\r\n") for part in (b"\r\n" + body).split(b"\r\n" + boundary)[1:-1]]
