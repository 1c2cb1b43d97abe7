"""What the metrics show of the queues, read once a scrape by one process.

One script a shard, all at once. What is claimed, due later or dead is not kept by account, so its accounts
come from a sample (see `sampling.lua`): exact up to `SAMPLE` ids a shard, in proportion beyond that.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, cast

from msgspec import Struct
from redis import Redis

from queues import scripts
from queues.ids import accepted_seconds
from queues.keys import DISPATCH_GROUP, ShardKeys, read_queue_name
from queues.readings.sampled import shares
from queues.scripts import Call
from queues.store import Store

SAMPLE = 256
"""With four shards an account's share of a long queue is then right within 3 % of its length, 19 times out of 20."""


class QueueStat(Struct, frozen=True):
    """One queue of one account's API, summed over upstreams and shards.

    `queue` is high, normal or bulk, later or dead; or events, which belong to no account (it is empty then).
    `pending` is what is claimed from it (or, of events, read and not yet acknowledged).
    `oldest_seconds` of the three priorities and of events is the age of what is taken next.
    """

    account: str
    api: str
    queue: str
    depth: int = 0
    oldest_seconds: float = 0.0
    pending: int = 0


class StoreStats(Struct, frozen=True):
    """All queues. `overdue_seconds`: since when the first push in `later` is due; `dead_seconds`: the oldest dead."""

    queues: list[QueueStat]
    overdue_seconds: float
    dead_seconds: float


async def read_stats(store: Store) -> StoreStats:
    """Read the gauges; O(queues), so once a scrape.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    script = scripts.load("stats")
    calls = [
        Call(script, (keys.work, keys.claims, keys.later, keys.dead), (keys.prefix, SAMPLE)) for keys in store.keys
    ]
    counted = await store.run("stats", calls)
    now = time.time()
    total: dict[tuple[str, str, str], QueueStat] = {}
    overdue = dead_age = 0.0
    for keys, (queues, claims, later, dead) in zip(store.keys, counted, strict=True):
        events = await store.call("stats", keys.events, partial(_events_stat, keys=keys, now=now))
        found = [*_queue_stats(queues, now), *_claim_stats(claims), *_set_stats("later", later)]
        for stat in (*found, *_set_stats("dead", dead), events):
            place = (stat.account, stat.api, stat.queue)
            total[place] = _sum(total[place], stat) if place in total else stat
        overdue = max(overdue, _since(later, now))
        dead_age = max(dead_age, _since(dead, now))
    return StoreStats([total[place] for place in sorted(total)], overdue, dead_age)


def _sum(a: QueueStat, b: QueueStat) -> QueueStat:
    oldest = max(a.oldest_seconds, b.oldest_seconds)
    return QueueStat(a.account, a.api, a.queue, a.depth + b.depth, oldest, a.pending + b.pending)


def _queue_stats(flat: Sequence[Any], now: float) -> Iterator[QueueStat]:
    for name, depth, oldest in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        age = max(0.0, now - accepted_seconds(oldest.decode())) if oldest else 0.0
        place = read_queue_name(name.decode())
        yield QueueStat(place.account, place.api, place.priority, depth, age)


def _claim_stats(found: Sequence[Any]) -> Iterator[QueueStat]:
    for name, count in shares(found[1]).items():
        place = read_queue_name(name.decode())
        yield QueueStat(place.account, place.api, place.priority, pending=count)


def _set_stats(queue: str, found: Sequence[Any]) -> Iterator[QueueStat]:
    accounts: dict[tuple[str, str], int] = defaultdict(int)
    for name, count in shares(found[1]).items():
        place = read_queue_name(name.decode())
        accounts[place.account, place.api] += count
    for (account, api), count in accounts.items():
        yield QueueStat(account, api, queue, count)


def _since(found: Sequence[Any], now: float) -> float:
    first_ms, (count, *_) = found
    return max(0.0, now - float(first_ms) / 1000) if count else 0.0


def _events_stat(client: Redis, keys: ShardKeys, now: float) -> QueueStat:
    """Events that `dispatch` has not acknowledged: those it has not read (its lag) and those pending."""
    groups = client.xinfo_groups(keys.events) if client.exists(keys.events) else []
    dispatch = [group for group in groups if group["name"] == DISPATCH_GROUP.encode()]
    read_up_to, pending = b"0-0", 0
    unread = client.xlen(keys.events)  # of a group that no pusher has made yet
    if dispatch:
        read_up_to, pending = dispatch[0]["last-delivered-id"], int(dispatch[0]["pending"])
        unread = int(dispatch[0].get("lag") or 0)
    oldest = b""
    if pending:
        oldest = client.xpending(keys.events, DISPATCH_GROUP)["min"] or b""
    elif unread:
        entries = cast("list[Any]", client.xrange(keys.events, min=b"(" + read_up_to, count=1))
        oldest = entries[0][0] if entries else b""
    age = max(0.0, now - int(oldest.split(b"-")[0]) / 1000) if oldest else 0.0
    return QueueStat("", "", "events", unread + pending, age, pending)
