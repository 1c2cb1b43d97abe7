"""What the metrics show of the store, read once a scrape by one process."""

import time
from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct
from redis import Redis

from queues.ids import accepted_seconds
from queues.keys import DISPATCH_GROUP, ShardKeys


class QueueStat(Struct, frozen=True):
    """One queue of one account, summed over APIs, upstreams and shards.

    `queue` is high, normal or bulk; or later, dead, claims or events, which are not kept by account (it is empty then).
    `pending` is what is claimed (or, of events, read and not yet acknowledged).
    """

    account: str
    queue: str
    depth: int
    oldest_seconds: float
    pending: int


class StoreStats(Struct, frozen=True):
    """All queues, and the store's memory in bytes."""

    queues: list[QueueStat]
    memory_bytes: int


def read_stats(client: Redis, shards: int) -> StoreStats:
    """Read the gauges; blocking, and O(queues), so once a scrape.

    Raises:
        redis.RedisError: the store did not answer.
    """
    total: dict[tuple[str, str], QueueStat] = {}
    for shard in range(shards):
        for stat in _shard_stats(client, ShardKeys(shard)):
            known = total.get((stat.account, stat.queue))
            total[stat.account, stat.queue] = _sum(known, stat) if known else stat
    memory = client.info("memory")["used_memory"]
    return StoreStats(sorted(total.values(), key=lambda stat: (stat.account, stat.queue)), int(memory))


def _sum(a: QueueStat, b: QueueStat) -> QueueStat:
    oldest = max(a.oldest_seconds, b.oldest_seconds)
    return QueueStat(a.account, a.queue, a.depth + b.depth, oldest, a.pending + b.pending)


def _shard_stats(client: Redis, keys: ShardKeys) -> Iterator[QueueStat]:
    now = time.time()
    for member in cast("set[bytes]", client.smembers(keys.work)):
        feed = member.decode()
        account = feed.partition(":")[0]
        for field in cast("list[bytes]", client.hkeys(keys.feed_work(feed))):
            queue = keys.queue(f"{feed}:{field.decode()}")
            oldest = cast("bytes | None", client.lindex(queue, -1))
            age = max(0.0, now - accepted_seconds(oldest.decode())) if oldest else 0.0
            yield QueueStat(account, field.decode().rpartition(":")[2], client.llen(queue), age, 0)
    for queue, key in (("later", keys.later), ("dead", keys.dead), ("claims", keys.claims)):
        depth = client.zcard(key)
        yield QueueStat("", queue, depth, 0.0, depth if queue == "claims" else 0)
    yield _events_stat(client, keys, now)


def _events_stat(client: Redis, keys: ShardKeys, now: float) -> QueueStat:
    """Events that `dispatch` has not acknowledged: those it has not read (its lag) and those pending."""
    groups = client.xinfo_groups(keys.events) if client.exists(keys.events) else []
    for group in groups:
        if group["name"] != DISPATCH_GROUP.encode():
            continue
        pending = int(group["pending"])
        lag = int(group.get("lag") or 0)
        oldest = 0.0
        if lag:
            after = b"(" + cast("bytes", group["last-delivered-id"])
            unread = cast("list[Any]", client.xrange(keys.events, min=after, count=1))
            oldest = max(0.0, now - int(unread[0][0].split(b"-")[0]) / 1000) if unread else 0.0
        return QueueStat("", "events", lag + pending, oldest, pending)
    return QueueStat("", "events", 0, 0.0, 0)
