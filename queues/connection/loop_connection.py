"""A connection to the store that the loop itself writes to and reads from.

How it works: redis-py makes it, wherever the address leads, and reads the answers; only the waiting is trio's.
"""

from collections.abc import Iterable, Sequence
from ssl import SSLWantWriteError
from typing import Any, Final, Self

import hiredis
import trio
from redis import ConnectionPool, Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError


def pack(command: Sequence[Any]) -> bytes:
    """A command as it goes to the store."""
    packed: bytes = hiredis.pack_command(tuple(command))
    return packed


class LoopConnection:
    """One connection out of a client's pool, until `close`. For one task at a time."""

    def __init__(self, pool: ConnectionPool, connection: Any) -> None:
        self._pool: Final = pool
        self._connection: Final = connection

    @classmethod
    async def open(cls, client: Redis) -> Self:
        """Take a connection out of the pool; it is made in a thread.

        Raises:
            redis.RedisError, OSError: none can be had.
        """
        pool = client.connection_pool
        return cls(pool, await trio.to_thread.run_sync(pool.get_connection))

    async def write(self, packed: Iterable[bytes]) -> None:
        """Send packed commands, all together. Raises OSError."""
        unsent = memoryview(b"".join(packed))
        sock = self._connection._sock  # noqa: SLF001  redis-py has no name for it, and no write that does not block
        sock.settimeout(0)
        while unsent:
            try:
                unsent = unsent[sock.send(unsent) :]
            except (BlockingIOError, SSLWantWriteError):  # more than the kernel holds for a store that reads slowly
                await trio.lowlevel.wait_writable(sock)

    async def wait(self) -> None:
        """Until there is something to read."""
        await trio.lowlevel.wait_readable(self._connection._sock)  # noqa: SLF001  the same

    async def read(self, *, push: bool = False) -> Any:
        """The next answer, or with `push` the next message too; an error that the store answered is returned.

        Nothing is lost by cancelling it.

        Raises:
            redis.RedisError, OSError: the connection is broken.
        """
        while True:
            try:
                return self._connection.read_response(timeout=0, disconnect_on_error=False, push_request=push)
            except RedisTimeoutError:
                await self.wait()
            except ResponseError as error:
                return error

    def close(self) -> None:
        """Give it back to the pool, disconnected: an answer that nobody read would be taken for the next one's."""
        self._connection.disconnect()
        self._pool.release(self._connection)
