"""What a lane writes to and reads from: a plain socket, or TLS over one.

Plain sockets are used without trio's stream objects: a send that the kernel takes at once and one wait for readability
cost about half of what `SocketStream` does, and this is the hottest path of a pusher. TLS goes through `SSLStream`.
"""

import select
import socket
import ssl
from typing import Protocol, Self

import trio

_READ_BYTES = 65_536


class Wire(Protocol):
    """A connected byte stream. Methods raise OSError or trio.BrokenResourceError when it is broken."""

    sent_bytes: int
    """Of the request being written, a lower bound of zero only when the kernel certainly took nothing."""

    def send_now(self, data: bytes) -> int:
        """Hand over what can be handed over without waiting; how many bytes."""

    async def send_all(self, data: bytes) -> None: ...

    async def receive_some(self) -> bytes:
        """Some bytes; none at the end of the stream."""

    def interrupt(self) -> None:
        """Let a `receive_some` that waits raise trio.ClosedResourceError."""

    def is_readable(self) -> bool:
        """Between requests: whether the other side closed or said something unasked, so that it must be replaced."""

    def close(self) -> None: ...


class PlainWire:
    """A non-blocking TCP socket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        # SocketStream has set TCP_NODELAY and done the happy-eyeballs connect; the descriptor is all we keep of it.
        self._socket = socket.socket(fileno=stream.socket.detach())
        self._socket.setblocking(False)
        self.sent_bytes = 0

    def send_now(self, data: bytes) -> int:
        self.sent_bytes = 0
        try:
            self.sent_bytes = self._socket.send(data)
        except BlockingIOError:
            return 0
        return self.sent_bytes

    async def send_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            await trio.lowlevel.wait_writable(self._socket)
            try:
                count = self._socket.send(rest)
            except BlockingIOError:
                continue
            self.sent_bytes += count
            rest = rest[count:]

    async def receive_some(self) -> bytes:
        # The answer is never there yet when a request has just been written, so wait first and save a failed read.
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                continue

    def interrupt(self) -> None:
        trio.lowlevel.notify_closing(self._socket)

    def is_readable(self) -> bool:
        return _has_input(self._socket)

    def close(self) -> None:
        self._socket.close()


class TlsWire:
    """TLS, checked against the host's name."""

    def __init__(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        self._stream = stream
        self.sent_bytes = 0

    @classmethod
    async def handshake(cls, stream: trio.SocketStream, context: ssl.SSLContext, host: str) -> Self:
        # Servers close without close_notify all the time; the HTTP framing tells a cut answer from a complete one.
        secured = trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)
        try:
            await secured.do_handshake()
        except BaseException:
            stream.socket.close()
            raise
        return cls(secured)

    def send_now(self, data: bytes) -> int:  # noqa: ARG002 - TLS always goes through send_all
        self.sent_bytes = 0
        return 0

    async def send_all(self, data: bytes) -> None:
        # What of an encrypted record left the machine is not known, so from here on something may have been sent.
        self.sent_bytes = len(data)
        await self._stream.send_all(data)

    async def receive_some(self) -> bytes:
        return bytes(await self._stream.receive_some(_READ_BYTES))

    def interrupt(self) -> None:
        trio.lowlevel.notify_closing(self._stream.transport_stream.socket)

    def is_readable(self) -> bool:
        # It may be a session ticket and no harm; replacing a connection that is idle costs little and is always right.
        return _has_input(self._stream.transport_stream.socket)

    def close(self) -> None:
        # No close_notify: it would need a wait, and nothing is lost by not saying good-bye.
        self._stream.transport_stream.socket.close()


def _has_input(sock: socket.socket | trio.socket.SocketType) -> bool:
    """Whether a read would not block; a broken socket counts. A third of what a read that fails costs."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
