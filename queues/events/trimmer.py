"""Trims the events that everybody has read, by age."""

from queues import scripts
from queues.scripts import Call
from queues.store import Store


async def trim_events(store: Store, shard: int, retain_seconds: float) -> int:
    """Remove a shard's events older than that which every group has acknowledged; how many were removed.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("trim_events"), (store.keys[shard].events,), (int(retain_seconds * 1000),))
    [removed] = await store.run("trim_events", [call])
    return int(removed)
