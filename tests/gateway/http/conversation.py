"""A client's end of one connection over a socket pair, and the server's end being served. Time is trio's mock clock."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import trio
import trio.testing

from gateway.http.messages import Answer, Handler, Request, Response
from gateway.http.outbox import Outbox
from gateway.http.poller import Poller
from gateway.http.refusal_log import RefusalLog
from gateway.http.request_tasks import RequestTasks
from gateway.http.response_encoder import ResponseEncoder
from gateway.http.service import Service, Timings
from gateway.http.timekeeper import TICK_SECONDS, keep_time
from gateway.http.unread_answers import UnreadAnswers

TIMINGS = Timings(request_seconds=5, idle_seconds=75, write_seconds=30, linger_seconds=2, drain_seconds=0.5)
LATE = TICK_SECONDS + 0.01  # a deadline is met up to a tick late
BODY_LIMIT = 1_000_000


def get(path: str = "/", fields: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (path.encode(), fields)


def post(body: bytes, fields: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), fields, body)


def echo(request: Request, answer: Answer) -> None:
    answer(Response(body=request.path.encode() + b" " + request.body))


class Peer:
    """The client's end; reads whole responses."""

    def __init__(self, sock: socket.socket) -> None:
        self.stdlib_socket = sock
        self.socket = trio.socket.from_stdlib_socket(sock)
        self._unread = b""

    async def send(self, data: bytes) -> None:
        while data:
            data = data[await self.socket.send(data) :]

    async def response(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._unread:
            await self._more()
        raw, _, self._unread = self._unread.partition(b"\r\n\r\n")
        line, *lines = raw.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        length = 0 if head else int(fields.get("content-length", "0"))
        while len(self._unread) < length:
            await self._more()
        body, self._unread = self._unread[:length], self._unread[length:]
        return int(line.split(" ")[1]), fields, body

    async def closed(self) -> bool:
        """Whether the stream ends here, once it says something."""
        return not self._unread and await self.socket.recv(1) == b""

    async def _more(self) -> None:
        data = await self.socket.recv(65_536)
        assert data, f"closed after {self._unread!r}"
        self._unread += data


Waiting = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def served(
    handler: Handler = echo,
    *,
    waiting: Waiting | None = None,
    timings: Timings = TIMINGS,
    unread: UnreadAnswers | None = None,
) -> AsyncIterator[tuple[Peer, Callable[[], None]]]:
    """A connection being served, and what begins its drain; ended (at the latest) by the client's close.

    Requests are answered by `handler`, or by `waiting` in tasks of their own.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    peer = Peer(theirs)
    with trio.fail_after(1000):
        async with trio.open_nursery() as nursery:
            outbox = Outbox()
            tasks = RequestTasks(nursery, outbox)

            def start(request: Request, answer: Answer) -> None:
                assert waiting
                tasks.start(partial(waiting, request), request, answer)

            service = Service(
                handler=start if waiting else handler,
                body_limit=lambda _head: BODY_LIMIT,
                encoder=ResponseEncoder(lambda: 0.0),
                timings=timings,
                outbox=outbox,
                refusals=RefusalLog("request refused", "result"),
                unread=unread or UnreadAnswers(),
            )
            poller = Poller(service)
            nursery.start_soon(poller.run)
            nursery.start_soon(keep_time, poller.connections, outbox.flush)
            poller.adopt(ours)
            [connection] = poller.connections
            yield peer, lambda: connection.drain(trio.current_time())
            peer.socket.close()
            await poller.drain()
            nursery.cancel_scope.cancel()
    assert ours.fileno() == -1
