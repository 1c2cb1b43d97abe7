"""A small HTTP/1.1 server: plain sockets, httptools, handlers that answer at once or after a delay.

How it works: one task waits for all connections (`poller`) and feeds what comes to the connection's parser; each
complete request goes to the handler, which is a plain function. Its reply is written at once, or by the delay line when
its time has come, so a slow answer holds no task. The server is the simulator's own, so that a fault in Tidegate's
cannot hide behind the same fault here.
"""

import errno
import http
import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Literal

import httptools
import trio
from msgspec import Struct

from loadtests.platform.delay_line import DelayLine
from loadtests.platform.poller import Poller

MAX_BODY = 22 * 1_048_576
"""Bytes: the largest file that may be uploaded (§4.10: 20 MB), and what is around it."""

_SIGNING = b"webhook-"
_NONE: Mapping[bytes, bytes] = MappingProxyType({})
_RECEIVE = 65_536
_SO_TIMESTAMPNS = 35  # Linux; the module socket has no name for it
_STAMP = struct.Struct("qq")  # seconds and nanoseconds
_STAMP_SPACE = socket.CMSG_SPACE(_STAMP.size)
_BACKLOG = 4096
_LONGEST_UNREAD = 1.0  # longer than we were ever kept from our core; beyond it the wall clock was moved
_SHORT_OF_FILES = {errno.EMFILE, errno.ENFILE}


class Request(Struct, frozen=True, gc=False):
    """One complete request; the path without its query, both as received.

    `arrived` is when its last bytes did, in seconds since the epoch, as the kernel noted it; 0 where it does not say.
    `webhook` are the headers of that name, which sign a webhook; no call of the platform heeds any other.
    """

    method: bytes
    path: bytes
    query: bytes
    body: bytes
    arrived: float = 0
    webhook: Mapping[bytes, bytes] = _NONE


class Reply(Struct, frozen=True, gc=False, kw_only=True):
    """What to answer, and when.

    `delay` is in seconds. `how` is `answer`, `silence` (the request is never answered) or `close` (the connection ends
    without an answer).
    """

    status: int = 200
    body: bytes = b""
    content_type: bytes = b"text/plain"
    delay: float = 0
    how: Literal["answer", "silence", "close"] = "answer"


Handler = Callable[[Request], Reply]


@lru_cache(maxsize=64)
def _head(status: int, content_type: bytes) -> bytes:
    reason = http.HTTPStatus(status).phrase.encode()
    return b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: " % (status, reason, content_type)


class _Server:
    """What the connections of one listener share."""

    def __init__(self, handler: Handler, delays: DelayLine, nursery: trio.Nursery, *, signed: bool) -> None:
        self.handler = handler
        self.delays = delays
        self.nursery = nursery
        self.poller = Poller()
        self.connections: set[_Connection] = set()
        self._kind = _SignedConnection if signed else _Connection

    def begin(self, sock: socket.socket) -> None:
        self.connections.add(self._kind(sock, self))


class _Connection:
    """One connection and its parser; the methods named `on_…` are called by httptools."""

    _webhook = _NONE

    def __init__(self, sock: socket.socket, server: _Server) -> None:
        self._sock = sock
        self._server = server
        self._handler = server.handler
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body: bytes | bytearray = b""
        self._arrived = 0.0
        self._last_due = 0.0
        self._unsent = b""
        self._open = True
        server.poller.watch(sock, self._readable)

    def on_message_begin(self) -> None:
        self._url = b""
        self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        if not self._body:
            self._body = body
            return
        if len(self._body) + len(body) > MAX_BODY:
            self._open = False
            return
        if isinstance(self._body, bytes):  # a second piece is rare, and then there may be hundreds
            self._body = bytearray(self._body)
        self._body += body

    def on_message_complete(self) -> None:
        if not self._open:
            return
        path, _, query = self._url.partition(b"?")
        body = bytes(self._body)
        reply = self._handler(Request(self._parser.get_method(), path, query, body, self._arrived, self._webhook))
        keep = self._parser.should_keep_alive()
        now = trio.current_time()
        # Counted from when the request was here, not from when we came to read it. Answers on one connection keep the
        # order of their requests, whatever their delays.
        due = max(now + reply.delay - self._unread_for(), self._last_due)
        if due <= now:
            self._answer(reply, keep)
            return
        self._last_due = due
        self._server.delays.call_at(due, partial(self._answer, reply, keep))

    def _unread_for(self) -> float:
        return min(max(0.0, time.time() - self._arrived), _LONGEST_UNREAD) if self._arrived else 0.0

    def _answer(self, reply: Reply, keep: bool) -> None:
        if not self._open or reply.how == "silence":
            return
        if reply.how == "answer":
            end = b"\r\n\r\n" if keep else b"\r\nConnection: close\r\n\r\n"
            self._write(b"%b%d%b%b" % (_head(reply.status, reply.content_type), len(reply.body), end, reply.body))
        if reply.how == "close" or not keep:
            self._open = False
            if not self._unsent:
                self.end()

    def _write(self, data: bytes) -> None:
        if self._unsent:
            self._unsent += data
            return
        try:
            data = data[self._sock.send(data) :]
        except BlockingIOError:
            pass
        except OSError:
            self._open = False
            return
        if data:
            # Bounded: nothing more is read from this connection until it is flushed.
            self._unsent = data
            self._server.poller.forget(self._sock)
            self._server.nursery.start_soon(self._flush)

    async def _flush(self) -> None:
        try:
            while self._unsent:
                await trio.lowlevel.wait_writable(self._sock)
                self._unsent = self._unsent[self._sock.send(self._unsent) :]
        except (OSError, ValueError):
            self._open = False
            self._unsent = b""
        if self._open:
            self._server.poller.watch(self._sock, self._readable)
        else:
            self.end()

    def _readable(self) -> None:
        try:
            data, stamps, _, _ = self._sock.recvmsg(_RECEIVE, _STAMP_SPACE)
            if data:
                self._arrived = _read_stamp(stamps)
                self._parser.feed_data(data)
            else:
                self._open = False
        except BlockingIOError:
            return
        except (OSError, httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._open = False  # a broken peer gets no answer, only the end
        if not self._open and not self._unsent:
            self.end()

    def end(self) -> None:
        """Close the socket, unless it is; nothing may be waiting to write."""
        self._open = False
        if self._sock.fileno() < 0:
            return
        self._server.poller.forget(self._sock)
        trio.lowlevel.notify_closing(self._sock)
        self._sock.close()
        self._server.connections.discard(self)


class _SignedConnection(_Connection):
    """One that may bring webhooks: asked for headers, httptools takes thrice as long over each request."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._webhook = _NONE

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.startswith(_SIGNING):
            self._webhook = {**self._webhook, name: value}


def _read_stamp(stamps: list[tuple[int, int, bytes]]) -> float:
    """When the data arrived, however much later it is read: this process may have been kept from its core."""
    for _, _, stamp in stamps:
        seconds, nanoseconds = _STAMP.unpack_from(stamp)
        return float(seconds + nanoseconds / 1e9)
    return 0.0


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    sock.setblocking(False)
    with suppress(OSError):  # connections inherit it; the kernel takes a moment to begin
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return sock


async def serve(listener: socket.socket, handler: Handler, delays: DelayLine, *, signed: bool = False) -> None:
    """Answer until cancelled; `delays` must be running. Closes the listener and every connection at the end.

    `signed`: requests keep the headers that sign a webhook.
    """
    connections: set[_Connection] = set()
    try:
        with listener:
            async with trio.open_nursery() as nursery:
                server = _Server(handler, delays, nursery, signed=signed)
                connections = server.connections
                nursery.start_soon(server.poller.run)
                await _accept(listener, server.begin)
    finally:
        for connection in list(connections):
            connection.end()


async def _accept(listener: socket.socket, begin: Callable[[socket.socket], None]) -> None:
    while True:
        await trio.lowlevel.wait_readable(listener)
        try:
            sock, _ = listener.accept()
        except BlockingIOError:
            continue
        except OSError as error:
            if error.errno in _SHORT_OF_FILES:
                await trio.sleep(0.1)  # wait for connections to end; the backlog holds the rest
            continue
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin(sock)
