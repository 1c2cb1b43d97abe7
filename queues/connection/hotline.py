"""A connection to the store that the loop itself writes to and reads from, for the batches that somebody waits for.

How it works: redis-py makes the connection, wherever its address leads, and reads the answers; only the waiting is
trio's. So a batch pays for no thread, whose waking and whose share of the interpreter cost more than all else of a
small one: measured over 64 connections, 15 % of the CPU of a callback and a fifth of the rate. Only what goes well is
done here. A broken connection is dropped, like one that brought an error, and the same calls are left to the caller's
way through a thread, where redis-py and `scripts` know what to do about it.
"""

from collections.abc import Sequence
from typing import Any, Final

import hiredis
import trio
from redis import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from queues.scripts import Call


class Hotline:
    """One connection out of the client's pool, for one batch at a time."""

    def __init__(self, client: Redis, patience: float) -> None:
        """`patience` is the longest that a batch may take, in seconds; connecting has a bound of its own."""
        self._pool: Final = client.connection_pool
        self._patience: Final = patience
        self._connection: Any = None
        self._busy = False

    async def run(self, calls: Sequence[Call]) -> list[Any] | None:
        """Make the calls in one round trip; their results in order, or None if they are to be made through a thread.

        They may have been carried out then: whoever calls repeats only what may be repeated.

        Raises:
            redis.RedisError, OSError: no connection can be had, or the answers did not come in time.
        """
        if self._busy:
            return None
        self._busy = True
        try:
            if self._connection is None:
                self._connection = await trio.to_thread.run_sync(self._pool.get_connection)
            with trio.fail_after(self._patience):
                return await self._exchange(calls)
        except trio.TooSlowError as error:
            raise RedisTimeoutError("no answer in time") from error
        finally:
            self._busy = False

    async def _exchange(self, calls: Sequence[Call]) -> list[Any] | None:
        packed = b"".join([hiredis.pack_command(tuple(call.command())) for call in calls])
        connection = self._connection
        done = False
        try:
            await _write(connection, packed)
            await trio.lowlevel.wait_readable(connection._sock)  # noqa: SLF001  the same
            results = [await _read(connection) for _ in calls]
            done = True
        except (RedisError, OSError):
            return None
        else:
            return results
        finally:
            if not done:  # an answer that nobody reads would be taken for that of the next batch
                self._connection = None
                connection.disconnect()
                self._pool.release(connection)


async def _write(connection: Any, data: bytes) -> None:
    sock = connection._sock  # noqa: SLF001  redis-py has no name for it, and no write that does not block
    sock.settimeout(0)
    unsent = memoryview(data)
    while unsent:
        try:
            unsent = unsent[sock.send(unsent) :]
        except BlockingIOError:  # more than the kernel holds for a store that reads slowly
            await trio.lowlevel.wait_writable(sock)


async def _read(connection: Any) -> Any:
    while True:
        try:
            return connection.read_response(timeout=0, disconnect_on_error=False)
        except RedisTimeoutError:
            await trio.lowlevel.wait_readable(connection._sock)  # noqa: SLF001  the same
