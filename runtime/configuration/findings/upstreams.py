"""What may be wrong with `[[upstreams]]`."""

from collections.abc import Iterator, Sequence

from gateway.settings import Upstream
from gateway.upstream_key import MIN_KEY_LENGTH
from queues.account import Account
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.findings.webhooks import webhook_findings
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
        yield from webhook_findings(
            (*path, "webhook_url"), upstream.webhook_url, (*path, "webhook_secret"), upstream.webhook_secret
        )
        for name in upstream.accounts:
            if name not in names:
                yield (*path, "accounts"), f'no account is named "{name}"{did_you_mean(name, names)}'
