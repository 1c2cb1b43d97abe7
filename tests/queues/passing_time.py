"""The store's time in a test: it stands still, or what was to come is moved into the past."""

import time
from hashlib import sha1

from queues.scripts import Script
from queues.store import Store


class StoreTime:
    """What scripts take for the store's clock, in seconds since the epoch: it stands until a test moves it.

    So it does not matter for how long a test is kept from its processor. (Keys end by the server's own clock.)
    """

    def __init__(self) -> None:
        self.now = time.time()

    def show(self, script: Script) -> Script:
        """The script, with this time in place of the server's."""
        seconds, micros = divmod(round(self.now * 1e6), 1_000_000)
        source = script.source.replace("redis.call('TIME')", f"({{ '{seconds}', '{micros}' }})")
        return Script(source, sha1(source.encode()).hexdigest())


def expire(store: Store, shard: int) -> None:
    """Everything of a shard that was to expire some time is due to."""
    key = store.keys[shard].expiring
    for push_id in store.client.zrange(key, 0, -1):
        store.client.zadd(key, {push_id: 1})


def move_window(store: Store, seconds: int) -> None:
    """Let the current window of identities, in every shard, have begun so much later: the clock went so far back."""
    for keys in store.keys:
        if store.client.exists(keys.seen_since):
            store.client.incrby(keys.seen_since, seconds)
