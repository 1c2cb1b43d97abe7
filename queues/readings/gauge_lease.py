"""Who shows the store's gauges: one of all the processes that are scraped, or their sums would count each queue twice.

How it works: whoever is scraped while nobody holds the lease takes it, and renews it at each of its scrapes; the others
show none. A holder that is gone is replaced when its lease ends, which is a few scrapes later.
"""

from redis import Redis

from queues.keys import GAUGES
from queues.store import Store


def hold_gauges(client: Redis, holder: str, seconds: float) -> bool:
    """Take or renew the lease for so long; whether `holder` has it now.

    Between a look and the renewal another may take it: then two show the gauges once, and the next scrape mends it.

    Raises:
        redis.RedisError: the store did not answer.
    """
    milliseconds = int(seconds * 1000)
    if client.set(GAUGES, holder, nx=True, px=milliseconds):
        return True
    if client.get(GAUGES) != holder.encode():
        return False
    client.pexpire(GAUGES, milliseconds)
    return True


async def release_gauges(store: Store, holder: str) -> None:
    """Let somebody else have it at once.

    Raises:
        StoreUnavailableError: it ends by itself.
    """

    def release(client: Redis) -> None:
        if client.get(GAUGES) == holder.encode():
            client.delete(GAUGES)

    await store.call("release_gauges", GAUGES, release)
