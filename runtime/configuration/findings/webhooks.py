"""What may be wrong with an address that webhooks go to, and with the secret that signs them."""

from collections.abc import Iterator

from pushers.webhooks.signature import read_secret
from queues.secret import Secret
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.reader import Path


def webhook_findings(url_at: Path, url: str, secret_at: Path, secret: Secret) -> Iterator[Finding]:
    """Neither need be given, but one not without the other."""
    if not url and not secret:
        return
    yield from ranges.url(url_at, url, "https://receiver.example/webhooks")
    try:
        read_secret(secret.reveal())
    except ValueError as error:
        yield secret_at, str(error)
