"""One connection: requests out of its bytes, answers into them, in order. It waits for nothing by itself.

How it works. The poller calls `on_ready` when the socket may have become readable or writable, and `on_time` when
`deadline` has passed; a handler answers through the request's exchange, and `flush` sends what is due. A socket is
registered once and edge-triggered, so whoever leaves bytes unread must come back for them unasked: `_held_back` says so
while answers are due first, and the poller's `read_again` where only the others' turn came between.

What each deadline covers, all absolute: one request from its first byte to its last (`request_seconds`); the silence
between requests (`idle_seconds`); the silence of a new connection (`request_seconds`); one flush of answers
(`write_seconds`); the client's close after ours (`linger_seconds`). A handler has none: it bounds its own waits.
"""

import math
import socket
from collections import deque
from typing import Final, Protocol

import structlog

from gateway.http.channel import Channel
from gateway.http.exchange import Exchange
from gateway.http.messages import Request, Response
from gateway.http.problem import problem
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_reader import RequestReader
from gateway.http.response_encoder import CONTINUE
from gateway.http.service import Service
from monitoring.names import CONNECTIONS_REFUSED

RECEIVE_BYTES: Final = 65_536  # a turn
MOST_IN_FLIGHT: Final = 16  # pipelined requests; answers held are at most as many
_LINGER_BYTES: Final = 16_777_216  # twice the largest batch by default: read and dropped after a refusal
_FAILED: Final = problem(500, "Internal Server Error", "the request could not be handled")

log = structlog.get_logger()


class Host(Protocol):
    """Who polls the connection's socket."""

    def read_again(self, connection: "Connection") -> None:
        """Call `on_ready` once more, after the others had their turn."""

    def forget(self, connection: "Connection") -> None:
        """It is about to close its socket."""


class Connection:
    """Serves one accepted, non-blocking socket; `now` is on trio's clock throughout."""

    __slots__ = (
        "_closing",
        "_draining",
        "_dropped",
        "_ended",
        "_exchanges",
        "_held",
        "_held_back",
        "_host",
        "_hung_up",
        "_listed",
        "_partial",
        "_reader",
        "_service",
        "_socket",
        "_unsent",
        "deadline",
    )

    def __init__(self, sock: Channel, service: Service, host: Host, now: float) -> None:
        self._socket = sock
        self._service = service
        self._host = host
        self._reader = RequestReader(service.body_limit)
        self._exchanges: deque[Exchange] = deque()
        self._unsent: memoryview | None = None
        self._held = 0  # bytes of answers, as they were last counted
        self._listed = False  # in the outbox
        self._partial = False  # `deadline` is that of a request that has begun
        self._held_back = False  # bytes were left unread until the answers before them are sent
        self._hung_up = False  # the end of the stream is behind what is still unread
        self._ended = False  # and was read
        self._closing = False  # the last answer is sent, or about to be
        self._draining = False
        self._dropped = 0
        self.deadline = now + service.timings.request_seconds

    def fileno(self) -> int:
        """The socket's descriptor; -1 once it is closed."""
        return self._socket.fileno()

    def on_ready(self, now: float, *, hung_up: bool = False) -> None:
        """The socket may be readable or writable; `hung_up` if nothing will come after what is unread."""
        if hung_up:
            self._hung_up = True
        if self._unsent is not None:
            self._send(self._unsent, now)
            self._count_unread(now)
        self._read(now)

    def on_answer(self) -> None:
        """An answer is there; it is sent when the outbox is flushed."""
        if not self._listed:
            self._listed = True
            self._service.outbox.add(self)

    def on_time(self, now: float) -> None:
        """The deadline has passed."""
        if self._unsent is not None or self._closing:
            self.close()
        elif self._partial:
            self._refuse(RefusedRequestError(408, "the request did not arrive in time"), now)
        else:
            # A request may have come in this very moment, and closing on it would lose it.
            self._read(now)
            if self.deadline <= now:
                self.close()

    def drain(self, now: float) -> None:
        """Answer what has begun and close after it; wait a moment for what may be on its way, and close then."""
        self._draining = True
        if self._idle:
            # A client that is using its connection would have its next request cut off by our close.
            self.deadline = min(self.deadline, now + self._service.timings.drain_seconds)

    def flush(self, now: float) -> None:
        """Send the answers whose turn has come, in one write."""
        self._listed = False
        if self._unsent is None and (due := self._due()):
            self._send(due[0] if len(due) == 1 else b"".join(due), now)
        if self._unsent is not None or self._exchanges:
            self._count_unread(now)

    def close(self) -> None:
        """Close the socket; answers that come later go nowhere."""
        if self._socket.fileno() >= 0:
            self._host.forget(self)
            self._socket.close()
            self._exchanges.clear()
            self._unsent = None
            self._service.unread.change(self._held, 0)
            self._held = 0
            self.deadline = math.inf

    @property
    def _idle(self) -> bool:
        return self._unsent is None and not self._exchanges and not self._reader.started

    def _read(self, now: float) -> None:
        if self._unsent is not None or len(self._exchanges) >= MOST_IN_FLIGHT:
            self._held_back = True
            return
        if self._closing:
            self._drop()
            return
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except BlockingIOError:  # readiness is a hint
            return
        except OSError:  # the client reset the connection: there is nobody to tell
            self.close()
            return
        if not data:
            self._end(now)
            return
        if self._hung_up or len(data) == RECEIVE_BYTES:
            self._host.read_again(self)
        self._reader.feed(data)
        self._take_requests(now)

    def _take_requests(self, now: float) -> None:
        """Hand over every complete request, up to the bound."""
        reader = self._reader
        try:
            while (request := reader.next_request()) is not None:
                self._partial = False
                self._hand_over(request, reader)
                if len(self._exchanges) >= MOST_IN_FLIGHT:
                    self._held_back = True
                    break
            if reader.take_continue():
                self._add_answer(CONTINUE, persistent=True)
        except RefusedRequestError as refusal:
            self._refuse(refusal, now)
        self._set_deadline(now)

    def _hand_over(self, request: Request, reader: RequestReader) -> None:
        exchange = Exchange(self, persistent=reader.keep_alive, head=request.method == "HEAD")
        self._exchanges.append(exchange)
        try:
            self._service.handler(request, exchange.answer)
        except Exception:
            # Whatever a handler's bug is, it must not take the other connections with it.
            log.exception("handler failed", method=request.method, path=request.logged_path)
            exchange.answer(_FAILED)

    def _end(self, now: float) -> None:
        """The client sends no more."""
        self._ended = True
        if self._reader.started:
            self._refuse(RefusedRequestError(400, "the request ends before its end"), now)
        elif not self._exchanges:
            self.close()
        self._set_deadline(now)

    def _refuse(self, refusal: RefusedRequestError, now: float) -> None:
        """Answer what came before, then this, and then no more."""
        CONNECTIONS_REFUSED.labels(refusal.label).inc()
        self._service.refusals.record((refusal.label,), refusal.detail, now)
        self._partial = False
        self._reader.stop()
        self._add_answer(problem(refusal.status, refusal.status.phrase, refusal.detail), persistent=False)
        self.deadline = math.inf

    def _add_answer(self, response: Response, *, persistent: bool) -> None:
        exchange = Exchange(self, persistent=persistent)
        self._exchanges.append(exchange)
        exchange.answer(response)

    def _set_deadline(self, now: float) -> None:
        """Before the next bytes; sending, lingering and refusals set their own."""
        if self._reader.started:
            if not self._partial:
                self._partial = True
                self.deadline = now + self._service.timings.request_seconds
        elif self._exchanges:
            self.deadline = math.inf
        else:
            self.deadline = now + self._service.timings.idle_seconds

    def _due(self) -> list[bytes]:
        """The encoded answers whose turn has come."""
        exchanges, due = self._exchanges, []
        while exchanges and not self._closing and (response := exchanges[0].response) is not None:
            exchange = exchanges.popleft()
            last = self._draining and not exchanges and not self._reader.started
            self._closing = last or not exchange.persistent
            due.append(self._encode(response, head=exchange.head))
        return due

    def _encode(self, response: Response, *, head: bool) -> bytes:
        encoder = self._service.encoder
        try:
            return encoder.encode(response, keep_alive=not self._closing, head=head)
        except ValueError:
            log.exception("response not sent", status=response.status)
            return encoder.encode(_FAILED, keep_alive=not self._closing, head=head)

    def _send(self, data: bytes | memoryview, now: float) -> None:
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        if sent == len(data):
            self._unsent = None
            self._go_on(now)
            return
        if self._unsent is None:
            self._partial = False  # a request that has begun is given its time anew
            self.deadline = now + self._service.timings.write_seconds
        self._unsent = memoryview(data)[sent:]

    def _count_unread(self, now: float) -> None:
        """Count the answers that the client has not read; close where they are too many."""
        before = self._held
        waiting = [each.response for each in self._exchanges if each.response is not None]
        self._held = len(self._unsent or b"") + sum(len(response.body) for response in waiting)
        if self._service.unread.change(before, self._held):
            CONNECTIONS_REFUSED.labels("slow_reader").inc()
            self._service.refusals.record(("slow_reader",), "too many bytes of answers are left unread", now)
            self.close()

    def _go_on(self, now: float) -> None:
        """Everything due is sent."""
        if self._closing or (self._draining and self._idle):
            self._linger(now)
        elif self._exchanges and self._exchanges[0].response is not None:
            self.on_answer()  # it came while we were sending
        elif self._ended and not self._exchanges:
            self.close()
        elif self._held_back:
            self._held_back = False
            self._take_requests(now)
            self._read(now)
        else:
            self._set_deadline(now)

    def _linger(self, now: float) -> None:
        """Close our side, then read and drop what still comes until the client closes its own, within bounds.

        Closing with unread bytes would reset the connection, and the client might lose our last answer.
        """
        self._closing = True
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()
            return
        self.deadline = now + self._service.timings.linger_seconds
        self._drop()

    def _drop(self) -> None:
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        self._dropped += len(data)
        if data and self._dropped < _LINGER_BYTES:
            self._host.read_again(self)
        else:
            self.close()
