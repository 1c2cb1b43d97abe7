"""Lets the store's time pass without waiting: what was to come is moved into the past."""

from queues.store import Store


def expire(store: Store, shard: int) -> None:
    """Everything of a shard that was to expire some time is due to."""
    key = store.keys[shard].expiring
    for push_id in store.client.zrange(key, 0, -1):
        store.client.zadd(key, {push_id: 1})
