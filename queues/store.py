"""The connection to Valkey or Redis.

How it works: calls go a batch a round trip, which the loop makes by itself (`hotline.py`). What asks for more than the
calls' own answers, and what does not go well, is done by redis-py in worker threads, as it has no trio support. Calls
name their keys and go to the servers that hold them, to several at once where there are several. Every round trip has
a deadline, threads have a limiter of their own, and whatever goes wrong becomes `StoreUnavailableError`: the outcome is
unknown then, and every call may be repeated. That is also done here, once, when a Cluster turns out to have moved keys.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import choice
from time import perf_counter
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

import structlog
import trio
from redis import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from monitoring.names import STORE_ERRORS, STORE_LOST_BATCHES, STORE_SECONDS
from queues import scripts
from queues.connection.access import try_access
from queues.connection.clock import StoreClock
from queues.connection.connector import SOCKET_SECONDS, THREADS, open_servers
from queues.connection.durability import Durability, settle_durability
from queues.connection.hotline import Hotline
from queues.connection.layout import claim_layout
from queues.connection.servers import Part, Servers
from queues.errors import StoreUnavailableError
from queues.ids import shard_for
from queues.keys import META, ShardKeys
from queues.scripts import Call
from queues.settings import StoreSettings

log = structlog.get_logger()

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class Store:
    """What the other modules of this package reach the store through; made by `open_store`."""

    def __init__(self, servers: Servers, shards: int) -> None:
        self.servers = servers
        self.shards = shards
        self.keys = tuple(ShardKeys(shard) for shard in range(shards))
        self.clock = StoreClock()
        self.durability: Durability | None = None  # the answers to a commit's own calls say all
        self._hotlines: WeakKeyDictionary[Redis, Hotline] = WeakKeyDictionary()
        self._threads = trio.CapacityLimiter(THREADS)
        self._looking = trio.CapacityLimiter(1)

    @property
    def client(self) -> Redis:
        """The server, or any one of several: for what concerns no key."""
        return choice(self.servers.everyone())

    def shard_of(self, account: str, recipient: str) -> int:
        """The shard of everything that concerns one recipient of one account."""
        return shard_for(account, recipient, self.shards)

    async def run(self, operation: str, calls: Sequence[Call]) -> list[Any]:
        """Make the calls, each of which names a key, in one round trip; none without calls. Their results in order."""
        return await self._outcome(operation, lambda: self._divided(self._round_trip, calls))

    async def commit(self, operation: str, calls: Sequence[Call]) -> list[Any]:
        """Like `run`, and returns only once the writes are as durable as the settings ask."""
        return await self._outcome(operation, lambda: self._divided(self._confirmed, calls))

    async def call(self, operation: str, key: str | bytes, work: Callable[[Redis], _T]) -> _T:
        """Run blocking work in a worker thread, with the client of the server that holds the key.

        Raises:
            StoreUnavailableError: the store did not do it, or may not have.
        """
        return await self._outcome(operation, lambda: self._in_thread(work, self.servers.holding(key)))

    async def ask_all(self, operation: str, work: Callable[[Redis], _T]) -> list[_T]:
        """Run blocking work with a client of each server in turn.

        Raises:
            StoreUnavailableError: one of them did not answer.
        """

        async def ask() -> list[_T]:
            servers = self.servers.everyone()
            return await self._in_thread(lambda: [work(each) for each in servers])

        return await self._outcome(operation, ask)

    async def ping(self) -> None:
        """Have every server answer. Whoever asks may leave before that, and does not wait for a socket's timeout.

        Raises:
            StoreUnavailableError: one of them did not answer.
        """

        async def ask() -> None:
            servers = self.servers.everyone()
            await trio.to_thread.run_sync(
                lambda: [each.ping() for each in servers], abandon_on_cancel=True, limiter=self._threads
            )

        await self._outcome("ping", ask)

    async def try_access(self, operation: str) -> None:
        """Have every shard's server do, without a change, all that we need of it.

        Raises:
            StoreUnavailableError: one of them did not answer, or refuses.
        """
        for keys in self.keys:
            await self.call(operation, keys.work, partial(try_access, keys=keys))

    async def choose_durability(self, settings: StoreSettings) -> None:
        """Confirm commits from now on as the settings ask; until then they are made like any other calls.

        Raises:
            StoreMismatchError: the store cannot give the durability that is set.
            StoreUnavailableError: it did not answer.
        """

        async def choose() -> Durability | None:
            return await self._in_thread(settle_durability, self.servers, settings, _count_loss)

        self.durability = await self._outcome("open", choose)

    async def _round_trip(self, client: Redis, calls: Sequence[Call]) -> list[Any]:
        hotline = self._hotlines.get(client)
        if hotline is None:
            hotline = self._hotlines[client] = Hotline(client, SOCKET_SECONDS, transacts=self.servers.transacts)
        results = await hotline.run(calls)
        if results is None:
            return await self._in_thread(scripts.run, client, calls)
        if any(isinstance(result, Exception) for result in results):
            return await self._in_thread(scripts.complete, client, calls, results)
        return results

    async def _confirmed(self, client: Redis, calls: Sequence[Call]) -> list[Any]:
        if self.durability is None:
            return await self._round_trip(client, calls)
        return await self._in_thread(self.durability.confirmed, client, calls)

    async def _divided(
        self, make: Callable[[Redis, Sequence[Call]], Awaitable[list[Any]]], calls: Sequence[Call]
    ) -> list[Any]:
        parts = self.servers.divide(calls)
        if len(parts) == 1:
            return await make(parts[0].client, calls)
        results: list[Any] = [None] * len(calls)
        failures: list[Exception] = []

        async def make_part(part: Part) -> None:
            try:
                made = await make(part.client, part.calls)
            except (RedisError, OSError) as failure:
                failures.append(failure)
                return
            for position, result in zip(part.positions, made, strict=True):
                results[position] = result

        async with trio.open_nursery() as nursery:
            for part in parts:
                nursery.start_soon(make_part, part)
        if failures:
            raise failures[0]
        return results

    async def _in_thread(self, work: Callable[[*_Arguments], _T], *arguments: *_Arguments) -> _T:
        return await trio.to_thread.run_sync(work, *arguments, limiter=self._threads)

    async def _outcome(self, operation: str, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """What the attempt comes to, or the second one if the keys have moved; counted, and with our error."""
        started = perf_counter()
        generation = self.servers.generation
        try:
            try:
                return await attempt()
            except (RedisError, OSError) as failure:
                look = self.servers.look_again
                moved = await trio.to_thread.run_sync(look, generation, limiter=self._looking)
                # After a timeout there is none left of the platform's five seconds for another.
                if not moved or isinstance(failure, RedisTimeoutError):
                    raise
                return await attempt()
        except (RedisError, OSError) as error:
            STORE_ERRORS.labels(operation).inc()
            raise StoreUnavailableError(f"{operation}: {type(error).__name__}: {error}") from error
        finally:
            STORE_SECONDS.labels(operation).observe(perf_counter() - started)


@asynccontextmanager
async def open_store(settings: StoreSettings) -> AsyncIterator[Store]:
    """Connect, check the layout's version, our access and the durability, and close at the end.

    Raises:
        StoreUnavailableError: it cannot be reached, or refuses what we need.
        StoreMismatchError: it holds data of another layout, or cannot keep the durability asked for.
    """
    servers = open_servers(settings.url)
    try:
        store = Store(servers, settings.shards)
        await store.call("open", META, lambda client: claim_layout(client, settings.shards))
        await store.try_access("open")
        await store.choose_durability(settings)
        yield store
    finally:
        servers.close()


def _count_loss(batches: int) -> None:
    """Called in a worker thread; metrics belong to the loop's."""
    trio.from_thread.run_sync(STORE_LOST_BATCHES.inc, batches)
    log.error("the store lacks batches that it had confirmed; a replica took over without them", at_most=batches)
