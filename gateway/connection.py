"""One connection: reads requests, asks the handler, writes the answers in order.

How it works. The socket is non-blocking and waited on with `trio.lowlevel.wait_readable`: measured on the full callback
path this saves a third of the CPU against `SocketStream`. Waits have no cancel scope; `deadline` says how long one may
last, and `timekeeper` calls `wake` when it has passed. Every turn of the loop waits for the socket first, which is also
what gives other connections their turn.

What each deadline covers, all absolute: one request from its first byte to its last (`request_seconds`); the silence
between requests (`idle_seconds`); the silence of a new connection (`request_seconds`); one flush of answers
(`write_seconds`); the client's close after ours (`linger_seconds`). A handler has none: it bounds its own waits.
"""

import socket
from typing import Final

import structlog
import trio
from msgspec import Struct

from gateway.http_codec import RequestReader
from gateway.messages import BodyLimit, Handler, Request
from gateway.problem import problem
from gateway.refusal import RefusedRequestError
from gateway.response_encoder import CONTINUE, ResponseEncoder
from monitoring.names import CONNECTIONS_REFUSED

_RECEIVE_BYTES: Final = 65_536  # a turn; pipelined requests in flight are at most this / 27 (the smallest request)
_HELD_BYTES: Final = 65_536  # answers to pipelined requests held back for one write: this + one answer
_HELD_SECONDS: Final = 0.01  # and for no longer than this + one handler call
_LINGER_BYTES: Final = 16_777_216  # twice the largest batch by default: read and dropped after a refusal

log = structlog.get_logger()


class Timings(Struct, frozen=True, kw_only=True):
    """How long a connection waits for its client, in seconds."""

    request_seconds: float = 5.0
    idle_seconds: float = 75.0  # longer than the 60 s after which common load balancers close their side first
    write_seconds: float = 30.0
    linger_seconds: float = 2.0
    drain_seconds: float = 0.5  # for the next request of a connection that is idle when a drain begins


class _GoneError(Exception):
    """The wait for the client ended without it: deadline passed, or nothing to wait for in a drain."""


class Connection:
    """Serves one accepted, non-blocking socket and closes it; raises nothing but cancellation."""

    __slots__ = (
        "_draining",
        "_encoder",
        "_handler",
        "_idle",
        "_reader",
        "_socket",
        "_timings",
        "deadline",
    )

    def __init__(
        self,
        sock: socket.socket,
        handler: Handler,
        body_limit: BodyLimit,
        encoder: ResponseEncoder,
        timings: Timings,
    ) -> None:
        self._socket = sock
        self._handler = handler
        self._reader = RequestReader(body_limit)
        self._encoder = encoder
        self._timings = timings
        self._idle = True
        self._draining = False
        self.deadline = trio.current_time() + timings.request_seconds

    def wake(self) -> None:
        """End the wait for the socket, if there is one; whoever waits looks at the deadline and the drain."""
        trio.lowlevel.notify_closing(self._socket)

    def drain(self) -> None:
        """Answer what has begun and close after it; wait a moment for what may be on its way, and close then."""
        self._draining = True
        if self._idle:
            # A client that is using its connection would have its next request cut off by our close.
            self.deadline = min(self.deadline, trio.current_time() + self._timings.drain_seconds)

    async def run(self) -> None:
        """Serve requests until either side closes."""
        try:
            if await self._converse():
                await self._linger()
        except (OSError, _GoneError):
            pass  # the client reset the connection, or kept us waiting: there is nobody to tell
        finally:
            self._socket.close()

    async def _converse(self) -> bool:
        """Return whether our last answer may still be on its way to the client."""
        reader, timings = self._reader, self._timings
        while True:
            in_request = reader.started
            try:
                data = await self._receive()
            except _GoneError:
                if not reader.started:
                    raise
                await self._refuse(RefusedRequestError(408, "the request did not arrive in time"))
                return True
            if not data:
                if reader.started:
                    await self._refuse(RefusedRequestError(400, "the request ends before its end"))
                return False
            self._idle = False
            reader.feed(data)
            answered = await self._answer_all()
            if answered is None:
                return True
            if not reader.started:
                if self._draining:
                    return True
                self.deadline = trio.current_time() + timings.idle_seconds
            elif answered or not in_request:
                self.deadline = trio.current_time() + timings.request_seconds

    async def _receive(self) -> bytes:
        """Wait for bytes; b"" at the end of the stream."""
        while True:
            over = False
            self._idle = not self._reader.started
            try:
                await trio.lowlevel.wait_readable(self._socket)
            except trio.ClosedResourceError:
                over = trio.current_time() >= self.deadline
                if self._reader.started:
                    if over:
                        raise _GoneError from None
                    continue
            try:
                # Also when the wait is over: a request may have come in that moment, and closing on it would lose it.
                return self._socket.recv(_RECEIVE_BYTES)
            except BlockingIOError:  # readiness is a hint
                if over:
                    raise _GoneError from None

    async def _answer_all(self) -> bool | None:
        """Answer every complete request; whether there was one, or None if the connection is to be closed."""
        reader = self._reader
        held: list[bytes] = []
        held_bytes = 0
        held_since = 0.0
        answered = False
        try:
            while (request := reader.next_request()) is not None:
                answered = True
                if held and (held_bytes > _HELD_BYTES or trio.current_time() - held_since > _HELD_SECONDS):
                    await self._send(b"".join(held))
                    held, held_bytes = [], 0
                answer, keep_alive = await self._answer(request)
                if not held:
                    held_since = trio.current_time()
                held.append(answer)
                held_bytes += len(answer)
                if not keep_alive:
                    await self._send(b"".join(held))
                    return None
        except RefusedRequestError as refusal:
            if held:
                await self._send(b"".join(held))
            await self._refuse(refusal)
            return None
        if reader.take_continue():
            held.append(CONTINUE)
        if held:
            await self._send(held[0] if len(held) == 1 else b"".join(held))
        return answered

    async def _answer(self, request: Request) -> tuple[bytes, bool]:
        """The answer in bytes, and whether the connection stays open after it."""
        head = request.method == "HEAD"
        try:
            response = await self._handler(request)
            keep_alive = self._reader.keep_alive and not self._draining
            return self._encoder.encode(response, keep_alive=keep_alive, head=head), keep_alive
        except Exception:
            # Whatever a handler's bug is, it must not take the other connections with it.
            log.exception("handler failed", method=request.method, path=request.path[:100])
            failed = problem(500, "Internal Server Error", "the request could not be handled")
            return self._encoder.encode(failed, keep_alive=False, head=head), False

    async def _refuse(self, refusal: RefusedRequestError) -> None:
        CONNECTIONS_REFUSED.labels(refusal.label).inc()
        response = problem(refusal.status, refusal.status.phrase, refusal.detail)
        await self._send(self._encoder.encode(response, keep_alive=False))

    async def _send(self, data: bytes) -> None:
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            await self._send_rest(memoryview(data)[sent:])

    async def _send_rest(self, data: memoryview) -> None:
        """Wait for a slow reader, up to the write deadline; raise `_GoneError` after it."""
        self.deadline = trio.current_time() + self._timings.write_seconds
        while data:
            try:
                await trio.lowlevel.wait_writable(self._socket)
                data = data[self._socket.send(data) :]
            except trio.ClosedResourceError:
                if trio.current_time() >= self.deadline:
                    raise _GoneError from None
            except BlockingIOError:
                continue  # readiness is a hint

    async def _linger(self) -> None:
        """Say that we are done, then drop what still comes until the client is done too, within bounds.

        Closing with unread bytes would reset the connection and take our last answer from the client's hands.
        """
        self._socket.shutdown(socket.SHUT_WR)
        self.deadline = trio.current_time() + self._timings.linger_seconds
        dropped = 0
        while dropped < _LINGER_BYTES:
            try:
                await trio.lowlevel.wait_readable(self._socket)
                data = self._socket.recv(_RECEIVE_BYTES)
            except trio.ClosedResourceError:
                if trio.current_time() >= self.deadline:
                    return
                continue
            except BlockingIOError:
                continue  # readiness is a hint
            if not data:
                return
            dropped += len(data)
