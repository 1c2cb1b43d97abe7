"""How much waits in the store, for the gateway to decide whether more may come."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from redis import Redis

from queues import scripts
from queues.scripts import Call
from queues.store import Store


class Backlog(Struct, frozen=True):
    """One reading: queued pushes by feed (`<account>:<api>`), without those for later.

    `memory_share` is of a server's limit, the fullest one's, and 0 where it has none.
    """

    queued: Mapping[str, int]
    memory_share: float


async def read_backlog(store: Store) -> Backlog:
    """Read all shards, each with one call; O(queues that are not empty).

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    count = scripts.load("backlog")
    calls = [Call(count, (keys.work,), (keys.prefix,)) for keys in store.keys]
    shards = await store.run("backlog", calls)
    memory_share = max(await store.ask_all("backlog", _memory_share))
    queued: Counter[str] = Counter()
    for found in shards:
        for feed, depth in zip(found[::2], found[1::2], strict=True):
            queued[feed.decode()] += depth
    return Backlog(queued, memory_share)


def _memory_share(client: Redis) -> float:
    memory = client.info("memory")
    limit = int(memory.get("maxmemory", 0))
    return int(memory["used_memory"]) / limit if limit else 0.0
