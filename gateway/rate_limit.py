"""`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) for an upstream that has a rate."""

import math

from queues.upstream_rate import BURST_SECONDS, Charge

Headers = tuple[tuple[bytes, bytes], ...]


def rate_headers(per_second: float, charge: Charge) -> Headers:
    """What an upstream has left: `r` pushes now, all of `q` in `t` seconds; `q` pushes every `w` seconds."""
    window = max(BURST_SECONDS, math.ceil(1 / per_second))
    reset = math.ceil(charge.full_seconds)
    return (
        (b"RateLimit-Policy", b'"pushes";q=%d;w=%d' % (per_second * window, window)),
        (b"RateLimit", b'"pushes";r=%d;t=%d' % (charge.left, reset)),
    )


class RefusedUpstreams:
    """Who is over its rate, and until when: a flood of such requests costs the store nothing."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def note(self, upstream: str, wait_seconds: float, now: float) -> None:
        self._until[upstream] = now + wait_seconds

    def wait_seconds(self, upstream: str, now: float) -> float:
        """How long it is still refused; 0 if it may ask."""
        return max(0.0, self._until.get(upstream, now) - now)


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """The header, in whole seconds and never 0."""
    return (b"Retry-After", b"%d" % max(1, math.ceil(seconds)))
