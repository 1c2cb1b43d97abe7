"""Trims the events that everybody has read, by age, and forgets the identities of old ones."""

from queues import scripts
from queues.keys import SEEN_WINDOW_SECONDS
from queues.scripts import Call
from queues.store import Store


async def trim_events(store: Store, shard: int, retain_seconds: float) -> int:
    """Remove a shard's events older than that which every group has acknowledged; how many were removed.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    keys = store.keys[shard]
    arguments = (int(retain_seconds * 1000), SEEN_WINDOW_SECONDS)
    call = Call(scripts.load("trim_events"), (keys.events, keys.seen_since, *keys.seen), arguments)
    [removed] = await store.run("trim_events", [call])
    return int(removed)
