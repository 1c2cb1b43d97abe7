"""`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) for an upstream that has a rate."""

import math
from collections.abc import Awaitable, Callable

import trio

from gateway.http.messages import Headers
from gateway.http.problem import ProblemError
from gateway.pushes.results import count_refused
from gateway.settings import Upstream
from queues.limits.upstream_rate import BURST_SECONDS, Charge

PAUSE_SECONDS = 0.25
"""How long an upstream that asks again before its `Retry-After` has to wait for the answer."""

ChargeRate = Callable[[str, int, float], Awaitable[Charge]]


def rate_headers(per_second: float, charge: Charge) -> Headers:
    """What an upstream has left: `r` pushes now, all of `q` in `t` seconds; `q` pushes every `w` seconds."""
    window = max(BURST_SECONDS, math.ceil(1 / per_second))
    reset = math.ceil(charge.full_seconds)
    return (
        (b"RateLimit-Policy", b'"pushes";q=%d;w=%d' % (per_second * window, window)),
        (b"RateLimit", b'"pushes";r=%d;t=%d' % (charge.left, reset)),
    )


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """The header, in whole seconds and never 0."""
    return (b"Retry-After", b"%d" % max(1, math.ceil(seconds)))


class UpstreamRates:
    """Holds upstreams to their rates, which the store counts for all gateways: `charge` is the store's.

    An upstream over its rate is remembered here until it may ask again, so that its flood costs the store nothing. One
    that asks before is answered after a pause, so that it costs the others little: it asks again only when answered.
    """

    def __init__(self, charge: ChargeRate) -> None:
        self._charge = charge
        self._refused_until: dict[str, float] = {}

    async def check(self, upstream: Upstream) -> None:
        """Refuse an upstream that was refused a moment ago, after a pause and before its request is taken apart.

        Raises:
            ProblemError: it is still over its rate.
        """
        wait = self._refused_until.get(upstream.name, 0.0) - trio.current_time()
        if wait > 0:
            await trio.sleep(PAUSE_SECONDS)
            raise _refused(upstream, Charge(admitted=False, left=0, wait_seconds=wait, full_seconds=wait))

    async def charged(self, upstream: Upstream, pushes: int) -> Headers:
        """Charge the upstream for a request; the headers that tell what is left, none where it has no rate.

        Raises:
            ProblemError: it is over its rate; nothing is charged.
            StoreUnavailableError: it may or may not be charged.
        """
        if not (upstream.per_second and pushes):
            return ()
        charge = await self._charge(upstream.name, pushes, upstream.per_second)
        if not charge.admitted:
            self._refused_until[upstream.name] = trio.current_time() + charge.wait_seconds
            raise _refused(upstream, charge)
        return rate_headers(upstream.per_second, charge)


def _refused(upstream: Upstream, charge: Charge) -> ProblemError:
    count_refused(upstream.name)
    detail = f"this upstream may enqueue {upstream.per_second:g} pushes a second"
    headers = (retry_after(charge.wait_seconds), *rate_headers(upstream.per_second, charge))
    return ProblemError(429, "Over the rate", detail, headers)
