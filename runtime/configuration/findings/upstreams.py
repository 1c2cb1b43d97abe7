"""What may be wrong with `[[upstreams]]`."""

from collections.abc import Iterator, Sequence

from gateway.settings import Upstream
from gateway.upstream_key import MIN_KEY_LENGTH
from pushers.webhooks.signature import read_secret
from queues.account import Account
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.reader import Path
from runtime.configuration.suggestions import did_you_mean


def upstream_findings(upstreams: Sequence[Upstream], accounts: Sequence[Account]) -> Iterator[Finding]:
    names = [account.name for account in accounts]
    for index, upstream in enumerate(upstreams):
        path: Path = ("upstreams", index)
        yield from ranges.name((*path, "name"), upstream.name, [other.name for other in upstreams[:index]])
        known = [key for other in upstreams[:index] for key in (other.key, other.previous_key) if key]
        for field in ("key", "previous_key"):
            key = getattr(upstream, field)
            if not key.is_sound and (key or field == "key"):
                yield (*path, field), f"expected at least {MIN_KEY_LENGTH} printable ASCII characters without a space"
            if key in known:
                yield (*path, field), "another upstream has the same key; give each its own"
        yield from ranges.rate((*path, "per_second"), upstream.per_second)
        yield from _webhook(path, upstream)
        for name in upstream.accounts:
            if name not in names:
                yield (*path, "accounts"), f'no account is named "{name}"{did_you_mean(name, names)}'


def _webhook(path: Path, upstream: Upstream) -> Iterator[Finding]:
    if not upstream.webhook_url and not upstream.webhook_secret:
        return
    yield from ranges.url((*path, "webhook_url"), upstream.webhook_url, "https://upstream.example/webhooks")
    try:
        read_secret(upstream.webhook_secret.reveal())
    except ValueError as error:
        yield (*path, "webhook_secret"), str(error)
