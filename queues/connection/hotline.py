"""Round trips to the store that the loop makes by itself, without a worker thread.

How it works: a thread's waking, and its share of the interpreter, cost more than all else of a small batch: measured
over 64 connections, 15 % of the CPU of a callback and a fifth of the rate. Only what goes well is done here. A broken
connection is dropped, and the same calls are left to the caller's way through a thread, where redis-py knows what to do
about it; so is what goes beyond a few round trips at once.

A server reads a piece of a batch at a time and, with `appendfsync always`, syncs what that piece had it do before it
reads on: one fsync a shard for a batch of some size. In a transaction all is carried out at its end, with one fsync.
"""

from collections.abc import Sequence
from typing import Any, Final

import trio
from redis import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from queues.connection.loop_connection import LoopConnection, pack
from queues.scripts import Call

MOST = 4
"""Round trips at once. A process makes one of a kind at a time: it supplies, settles, appends, sweeps."""

_TRANSACTED: Final = range(16_384, 1_048_576)
"""Bytes of a batch that is a transaction: a smaller one is read in one piece, and a larger one would take milliseconds
in which the store serves nobody else."""
_BEGIN: Final = pack(("MULTI",))
_END: Final = pack(("EXEC",))


class Hotline:
    """Connections out of one client's pool, each for one round trip at a time."""

    def __init__(self, client: Redis, patience: float, *, transacts: bool) -> None:
        """`patience` is the longest that a round trip may take, in seconds; connecting has a bound of its own.

        `transacts`: whether the server takes calls for any keys in one transaction.
        """
        self._client: Final = client
        self._transacts: Final = transacts
        self._patience: Final = patience
        self._idle: Final[list[LoopConnection]] = []
        self._under_way = 0

    async def run(self, calls: Sequence[Call]) -> list[Any] | None:
        """Make the calls in one round trip; their results in order, errors among them, as redis-py's pipelines do.

        None if they are to be made through a thread. They may have been carried out then: redis-py, too, makes calls
        again whose connection broke.

        Raises:
            redis.RedisError, OSError: no connection can be had, or the answers did not come in time.
        """
        if self._under_way == MOST:
            return None
        self._under_way += 1
        try:
            connection = self._idle.pop() if self._idle else await LoopConnection.open(self._client)
            with trio.fail_after(self._patience):
                return await self._exchange(connection, calls)
        except trio.TooSlowError as error:
            raise RedisTimeoutError("no answer in time") from error
        finally:
            self._under_way -= 1

    async def _exchange(self, connection: LoopConnection, calls: Sequence[Call]) -> list[Any] | None:
        packed = [pack(call.command()) for call in calls]
        together = self._transacts and len(calls) > 1 and sum(map(len, packed)) in _TRANSACTED
        whole = False
        try:
            await connection.write((_BEGIN, *packed, _END) if together else packed)
            await connection.wait()
            if together:
                for _ in (_BEGIN, *calls):
                    await connection.read()  # what could not be queued has the end refused
                results = await connection.read()
            else:
                results = [await connection.read() for _ in calls]
            whole = True
        except (RedisError, OSError):
            return None
        else:
            return results if isinstance(results, list) else None
        finally:
            if whole:
                self._idle.append(connection)
            else:
                connection.close()
