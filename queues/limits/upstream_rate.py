"""What an upstream may enqueue a second, counted in the store: any number of gateways share one count.

How it works: counting in each gateway would have to divide the rate by how many there are, while an upstream's
connections may all end at one of them. A call to the store a request is small beside its append, and only upstreams
that have a rate pay it.
"""

from msgspec import Struct

from queues import scripts
from queues.keys import upstream_rate
from queues.scripts import Call
from queues.store import Store

BURST_SECONDS = 10.0
"""An upstream that was idle may enqueue this much of its rate at once."""


class Charge(Struct, frozen=True):
    """What charging a request came to: pushes left, seconds until one is left (0: now), and until all are."""

    admitted: bool
    left: int
    wait_seconds: float
    full_seconds: float


async def charge(store: Store, upstream: str, pushes: int, per_second: float, most_pushes: int) -> Charge:
    """Charge a request of so many pushes, of `most_pushes` that one may have, or refuse it without a charge.

    Raises:
        StoreUnavailableError: it may or may not be charged.
    """
    arguments = (pushes, 1e6 / per_second, max(BURST_SECONDS, 1 / per_second) * 1e6, most_pushes)
    call = Call(scripts.load("charge"), (upstream_rate(upstream),), arguments)
    [[admitted, left, wait, full]] = await store.run("charge", [call])
    return Charge(bool(admitted), left, wait / 1000, full / 1000)
