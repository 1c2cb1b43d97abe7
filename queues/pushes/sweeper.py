"""Puts back what is due: scheduled pushes, retries, and claims of workers that are gone; ends what waits too long."""

from collections.abc import Mapping
from types import MappingProxyType

import msgpack
from msgspec import Struct

from queues import scripts
from queues.codec import ended_in
from queues.keys import WAKE_CHANNEL
from queues.push import CLAIM_SECONDS, RETAIN_SECONDS, Ended
from queues.scripts import Call
from queues.store import Store
from queues.unreadable import report_pushes

MOST = 1_000  # ids moved of each kind in one call, so that one sweep never blocks the store for long


class Swept(Struct, frozen=True):
    """What a sweep found: feeds with queued pushes, and seconds until the next is due (None: nothing waits).

    `ended`: pushes that expired while they waited, those that a lost worker may have sent and that must not be sent
    twice (`failed`), and those that nobody ever settled (`dead`).
    """

    feeds: frozenset[str]
    next_due_seconds: float | None
    promoted: int
    reclaimed: int
    ended: list[Ended]


async def sweep(
    store: Store,
    shard: int,
    *,
    safe_seconds: Mapping[str, float] = MappingProxyType({}),
    retain_seconds: float = RETAIN_SECONDS,
    claim_seconds: float = CLAIM_SECONDS,
) -> Swept:
    """Sweep one shard; any number of processes may do so at once.

    `safe_seconds`: by feed, for how long after its first attempt a push whose worker was lost may be repeated; a feed
    that is not there repeats always. `claim_seconds`: how long claims are made for.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    keys = store.keys[shard]
    safe_ms = msgpack.packb({feed: int(seconds * 1000) for feed, seconds in safe_seconds.items()})
    arguments = (keys.prefix, WAKE_CHANNEL, shard, MOST, safe_ms, int(retain_seconds * 1000), int(claim_seconds * 1000))
    call = Call(scripts.load("sweep"), (keys.later, keys.claims, keys.work, keys.expiring), arguments)
    [(promoted, reclaimed, due_ms, feeds, ended, set_aside)] = await store.run("sweep", [call])
    report_pushes(set_aside, "dead")
    return Swept(
        feeds=frozenset(feed.decode(errors="replace") for feed in feeds),
        next_due_seconds=due_ms / 1000 if due_ms >= 0 else None,
        promoted=promoted,
        reclaimed=reclaimed,
        ended=ended_in(ended),
    )
