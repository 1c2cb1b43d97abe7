"""Puts back what is due: scheduled pushes, retries, and claims of workers that are gone."""

from msgspec import Struct

from queues import scripts
from queues.keys import WAKE_CHANNEL
from queues.scripts import Call
from queues.store import Store

MOST = 1_000  # ids moved of each kind in one call, so that one sweep never blocks the store for long


class Swept(Struct, frozen=True):
    """What a sweep found: feeds with queued pushes, and seconds until the next is due (None: nothing waits)."""

    feeds: frozenset[str]
    next_due_seconds: float | None
    promoted: int
    reclaimed: int


async def sweep(store: Store, shard: int) -> Swept:
    """Sweep one shard; any number of processes may do so at once.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    keys = store.keys[shard]
    call = Call(scripts.load("sweep"), (keys.later, keys.claims, keys.work), (keys.prefix, WAKE_CHANNEL, shard, MOST))
    [(promoted, reclaimed, due_ms, feeds)] = await store.run("sweep", [call])
    return Swept(
        feeds=frozenset(feed.decode() for feed in feeds),
        next_due_seconds=due_ms / 1000 if due_ms >= 0 else None,
        promoted=promoted,
        reclaimed=reclaimed,
    )


async def trim_events(store: Store, shard: int, retain_seconds: float) -> int:
    """Remove a shard's events older than that which every group has acknowledged; how many were removed.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("trim_events"), (store.keys[shard].events,), (int(retain_seconds * 1000),))
    [removed] = await store.run("trim_events", [call])
    return int(removed)
