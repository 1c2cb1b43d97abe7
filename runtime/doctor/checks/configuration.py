"""What the configuration allows and an expert would not; no I/O but a look at its file."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from queues.account import Account
from queues.keys import SEEN_WINDOW_SECONDS
from runtime.configuration.addresses import parse_address
from runtime.configuration.settings import Settings
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, note, warning

SUBJECT = "configuration"

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_OTHERS_MAY_READ = 0o007


async def examine(deployment: Deployment) -> list[Finding]:
    return [*judge(deployment.settings), *_file(deployment.file)]


def judge(settings: Settings) -> Iterator[Finding]:
    """What there is to say without asking anybody."""
    for account in settings.accounts:
        yield from _account(account)
    freshness, remembered = settings.server.freshness_seconds, 2 * SEEN_WINDOW_SECONDS
    if not 0 < freshness <= remembered:
        yield warning(
            SUBJECT,
            f"server.freshness_seconds is {freshness:g}",
            f"repeats are known for {remembered} s at least: who recorded a callback can deliver it again after that",
            f"set {remembered} or less",
        )
    if not settings.upstreams:
        yield note(SUBJECT, "no upstreams", "nobody may enqueue pushes", "add an [[upstreams]] table")
    if settings.metrics.bind:
        host = parse_address(settings.metrics.bind)[0]
        if host not in _LOOPBACK:
            yield note(
                SUBJECT,
                f"metrics.bind is {settings.metrics.bind}",
                "whoever reaches it reads account and upstream names and their rates",
                "let a firewall keep it to the machines that scrape",
            )
    else:
        yield warning(SUBJECT, "metrics.bind is empty", "nobody sees a backlog or a quota run out", "set metrics.bind")


def _account(account: Account) -> Iterator[Finding]:
    subject = f"account {account.name}"
    if not account.aes_key and account.kind == "official":
        yield warning(
            subject,
            "callbacks in plaintext mode",
            "the signature does not cover the body: whoever sees one callback can post any other while it is fresh",
            "choose the secure mode in the platform's console, and set aes_key",
        )
    base = urlsplit(account.api_base)
    if base.scheme == "http" and base.hostname not in _LOOPBACK:
        yield error(
            subject,
            f"api_base is {account.api_base}",
            "the app secret, access tokens and messages cross the network unencrypted",
            "use an https:// URL",
        )
    if "template" not in account.limits and account.kind == "official":
        yield note(
            subject,
            "no limit for template messages",
            "the day's quota is found by running into it, and one upstream can use it up",
            f"[accounts.limits.template] with per_second and per_day for {account.name}",
        )


def _file(file: Path | None) -> Iterator[Finding]:
    if file is not None and file.stat().st_mode & _OTHERS_MAY_READ:
        yield warning(
            SUBJECT,
            f"{file} may be read by every user of this machine",
            "so may the secrets that stand in it",
            'chmod o= on it, or give secrets as "env:NAME" or "file:PATH"',
        )
