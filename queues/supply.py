"""Leases tokens and takes pushes in one round trip: what a feeder asks for each time."""

import trio
from msgspec import Struct

from queues.rate import Lease, LeaseRequest
from queues.store import Store
from queues.taker import Taken, TakeRequest


class Supply(Struct, frozen=True):
    """New tokens, and pushes for tokens leased before."""

    lease: Lease
    taken: Taken


async def supply(store: Store, lease: LeaseRequest, take: TakeRequest) -> Supply:
    """Lease for the next round what this one takes pushes for; the two calls neither wait for each other nor depend.

    Raises:
        StoreUnavailableError: some tokens may have been leased, and expire; some pushes may have been claimed, and
            come back when the claims end.
    """
    asked = trio.current_time()
    leased, *taken = await store.run("supply", [lease.call(), *take.calls(store)])
    return Supply(lease.read(store.clock, asked, trio.current_time(), leased), take.read(asked, taken))
