"""The connection to Valkey or Redis.

How it works: redis-py runs in worker threads (it has no trio support), a batch a call, so that the hop is paid once a
batch. Every call has a socket timeout, threads have a limiter of their own, and whatever goes wrong becomes
`StoreUnavailableError`: the outcome is unknown then, and every call may be repeated.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, TypeVar

import trio
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from monitoring.names import STORE_ERRORS, STORE_SECONDS
from queues import scripts
from queues.durability import Durability, settle_durability
from queues.errors import StoreUnavailableError
from queues.facts import StoreFacts, claim_layout, read_facts
from queues.ids import shard_for
from queues.keys import ShardKeys
from queues.scripts import Call
from queues.settings import StoreSettings
from queues.store_clock import StoreClock

_T = TypeVar("_T")

# Below the 5 s that the platform waits, so that a frozen store still leaves time to answer 503.
SOCKET_SECONDS = 3.0
CONNECT_SECONDS = 1.0
THREADS = 16


class Store:
    """What the other modules of this package reach the store through; made by `open_store`."""

    def __init__(self, client: Redis, shards: int, durability: Durability) -> None:
        self.client = client
        self.shards = shards
        self.keys = tuple(ShardKeys(shard) for shard in range(shards))
        self.clock = StoreClock()
        self.durability = durability
        self._threads = trio.CapacityLimiter(THREADS)

    def shard_of(self, account: str, recipient: str) -> int:
        """The shard of everything that concerns one recipient of one account."""
        return shard_for(account, recipient, self.shards)

    async def run(self, operation: str, calls: Sequence[Call]) -> list[Any]:
        """Make the calls in one round trip; their results in order."""
        return await self.call(operation, lambda client: scripts.run(client, calls))

    async def commit(self, operation: str, calls: Sequence[Call]) -> list[Any]:
        """Like `run`, and returns only once the writes are as durable as the settings ask."""
        return await self.call(operation, lambda client: self.durability.confirmed(scripts.run, client, calls))

    async def call(self, operation: str, work: Callable[[Redis], _T]) -> _T:
        """Run blocking work with the client in a worker thread.

        Raises:
            StoreUnavailableError: the store did not do it, or may not have.
        """
        started = perf_counter()
        try:
            return await trio.to_thread.run_sync(work, self.client, limiter=self._threads)
        except (RedisError, OSError) as error:
            STORE_ERRORS.labels(operation).inc()
            raise StoreUnavailableError(f"{operation}: {type(error).__name__}: {error}") from error
        finally:
            STORE_SECONDS.labels(operation).observe(perf_counter() - started)

    async def ping(self) -> None:
        await self.call("ping", lambda client: client.ping())

    async def describe(self) -> StoreFacts:
        """What the store says of itself, for `check`."""
        return await self.call("describe", read_facts)


def connect(url: str) -> Redis:
    """A client with our bounds: one reconnect at once for a connection that died idle, and no hidden waiting."""
    return Redis.from_url(
        url,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        max_connections=THREADS + 4,  # the threads, the wake-up listener, the metrics
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )


@asynccontextmanager
async def open_store(settings: StoreSettings) -> AsyncIterator[Store]:
    """Connect, check the layout's version and the durability, and close at the end.

    Raises:
        StoreUnavailableError: it cannot be reached.
        StoreMismatchError: it holds data of another layout, or cannot keep the durability asked for.
    """
    client = connect(settings.url)
    try:
        store = Store(client, settings.shards, Durability(None))
        await store.call("open", lambda client: claim_layout(client, settings.shards))
        durability = await store.call("open", lambda client: settle_durability(client, settings))
        yield Store(client, settings.shards, durability)
    finally:
        client.close()
