"""A TCP proxy between two of our processes that can make their connection as bad as we like.

How it works: a task a direction and connection moves chunks; before each it waits as long as the link's state asks. The
state may change at any time, and a chunk that is being held sees the change at once.
"""

import socket
import struct
from contextlib import suppress

import trio
from msgspec import Struct

_CHUNK = 65_536  # held for each direction of each connection, beside what the kernel buffers
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: closing sends RST


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the connection is. `bytes_per_second` 0: no limit; it holds for each direction of each connection.

    `blackhole`: nothing passes and nobody is told. `refuse`: new connections are reset. `close_seconds`: how much later
    than one side closed the other learns of it.
    """

    latency_seconds: float = 0
    bytes_per_second: float = 0
    blackhole: bool = False
    refuse: bool = False
    close_seconds: float = 0


WELL = Link()


class TcpProxy:
    """Listens on a free loopback port while `run` runs."""

    def __init__(self, host: str, port: int) -> None:
        """`host` and `port` are where everything goes."""
        self._upstream = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._link = WELL
        self._changed = trio.Event()
        self._open: set[trio.SocketStream] = set()

    def set(self, link: Link) -> None:
        """Change the link for all connections, old and new."""
        self._link = link
        self._changed.set()
        self._changed = trio.Event()

    def reset(self) -> int:
        """Reset every open connection, on both sides; how many sides there were."""
        count = len(self._open)
        for stream in tuple(self._open):
            _reset(stream)
        return count

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Pass connections on until cancelled."""
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(self._listener))
        async with listener, trio.open_nursery() as nursery:
            task_status.started()
            while True:
                nursery.start_soon(self._serve, await listener.accept())

    async def _serve(self, near: trio.SocketStream) -> None:
        self.accepted += 1
        if self._link.refuse:
            _reset(near)
            return
        try:
            far = await trio.open_tcp_stream(*self._upstream)
        except OSError:
            _reset(near)
            return
        self._open |= {near, far}
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._move, near, far)
                nursery.start_soon(self._move, far, near)
        finally:
            self._open -= {near, far}
            for stream in (near, far):
                stream.socket.close()

    async def _move(self, source: trio.SocketStream, sink: trio.SocketStream) -> None:
        try:
            while data := await source.receive_some(_CHUNK):
                await self._hold(len(data))
                await sink.send_all(data)
            await self._passing()
            await trio.sleep(self._link.close_seconds)
            await sink.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            for stream in (source, sink):
                _reset(stream)

    async def _hold(self, size: int) -> None:
        await self._passing()
        rate = self._link.bytes_per_second
        await trio.sleep(self._link.latency_seconds + (size / rate if rate else 0))
        await self._passing()  # what was under way when the link went dark does not arrive

    async def _passing(self) -> None:
        while self._link.blackhole:
            await self._changed.wait()


def _reset(stream: trio.SocketStream) -> None:
    with suppress(OSError, trio.ClosedResourceError):
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    stream.socket.close()
