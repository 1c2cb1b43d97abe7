"""How much waits in the store, for the gateway to decide whether more may come."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from redis import Redis

from queues import scripts
from queues.keys import read_queue_name
from queues.readings.sampled import shares
from queues.scripts import Call
from queues.store import Store

SAMPLE = 64
"""Of a shard's pushes for later, asked for every second: with four shards right within 6 %, 19 times out of 20."""


class Backlog(Struct, frozen=True):
    """One reading: queued pushes by feed (`<account>:<api>`), and those for later by account, reckoned from a sample.

    `memory_share` is of a server's limit, the fullest one's, and 0 where it has none.
    """

    queued: Mapping[str, int]
    memory_share: float
    later: Mapping[str, int] = {}


async def read_backlog(store: Store) -> Backlog:
    """Read all shards, each with one call; O(queues that are not empty + `SAMPLE`).

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    count = scripts.load("backlog")
    calls = [Call(count, (keys.work, keys.later), (keys.prefix, SAMPLE)) for keys in store.keys]
    shards = await store.run("backlog", calls)
    memory_share = max(await store.ask_all("backlog", _memory_share))
    queued: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for found, sampled in shards:
        for feed, depth in zip(found[::2], found[1::2], strict=True):
            queued[feed.decode()] += depth
        for name, number in shares(sampled).items():
            later[read_queue_name(name.decode()).account] += number
    return Backlog(queued, memory_share, later)


def _memory_share(client: Redis) -> float:
    memory = client.info("memory")
    limit = int(memory.get("maxmemory", 0))
    return int(memory["used_memory"]) / limit if limit else 0.0
