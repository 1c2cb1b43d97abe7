"""A cheap HTTP/1.1 client: one connection, one request at a time, bytes prepared by the caller.

A load generator must cost less than what it loads; a general client costs several times more.
"""

import socket
from urllib.parse import urlsplit

import httptools
import msgspec
import trio
from msgspec import Struct

_RECEIVE = 65_536


class ConnectionLostError(Exception):
    """The connection could not be made, broke, or answered what is not HTTP; the request's outcome is unknown."""


class NoConnectionError(ConnectionLostError):
    """The connection could not be made, so nothing was asked."""


class Target(Struct, frozen=True):
    """Where requests go; `path` is without a query."""

    host: str
    port: int
    path: str
    authority: str


def parse_target(url: str) -> Target:
    """A `http://host:port/path` address. Raises ValueError for anything else."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.query:
        raise ValueError(f"{url!r} is not a plain http:// address without a query")
    return Target(parts.hostname, parts.port or 80, parts.path or "/", parts.netloc)


def post(target: Target, body: bytes, content_type: str, *fields: str, query: str = "") -> bytes:
    """A POST as it goes over the wire; `fields` are more lines of its head."""
    head = (
        f"POST {target.path}{'?' if query else ''}{query} HTTP/1.1",
        f"Host: {target.authority}",
        *fields,
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "\r\n")).encode() + body


def post_pushes(target: Target, pushes: object, key: str) -> bytes:
    """A request with pushes, of whoever has the key."""
    body = msgspec.json.encode({"pushes": pushes})
    return post(target, body, "application/json", f"Authorization: Bearer {key}")


class Answer(Struct, frozen=True, gc=False):
    """One answer; `retry_after` is the header's seconds, 0 where there is none."""

    status: int
    body: bytes
    retry_after: float = 0


class HttpConnection:
    """One keep-alive connection, opened by the first request and again after it broke.

    Answers must carry their length; one that ends with the connection counts as lost. The methods named `on_…` are
    called by httptools.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._sock: socket.socket | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._retry_after = 0.0
        self._complete = False
        self._kept = False

    async def request(self, data: bytes) -> Answer:
        """Send one request's bytes and wait for its answer. Raises ConnectionLostError; cancellation closes."""
        sock = await self._connected()
        self._body = b""
        self._retry_after = 0.0
        self._complete = False
        done = False
        try:
            await _send(sock, data)
            while not self._complete:
                await trio.lowlevel.wait_readable(sock)
                received = sock.recv(_RECEIVE)
                if not received:
                    raise ConnectionLostError("closed before the answer")
                self._parser.feed_data(received)
            done = self._kept
            return Answer(self._parser.get_status_code(), self._body, self._retry_after)
        except OSError as error:
            raise ConnectionLostError(error.strerror) from error
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ConnectionLostError("the answer is not HTTP") from error
        finally:
            if not done:
                self.close()

    def close(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            trio.lowlevel.notify_closing(sock)
            sock.close()

    async def _connected(self) -> socket.socket:
        if self._sock is not None and _is_idle(self._sock):
            return self._sock
        self.close()
        try:
            stream = await trio.open_tcp_stream(self.target.host, self.target.port)
        except OSError as error:
            raise NoConnectionError("cannot connect") from error
        # Only the socket is wanted: trio makes the connection, name look-up and all, and gives up its hold on it.
        sock = socket.socket(fileno=stream.socket.detach())
        sock.setblocking(False)
        self._sock = sock
        self._parser = httptools.HttpResponseParser(self)
        return sock

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after" and value.isdigit():
            self._retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._complete = True
        self._kept = self._parser.should_keep_alive()  # the parser forgets it once the message is complete


def _is_idle(sock: socket.socket) -> bool:
    """Whether a kept connection is still open and quiet, so that a request may be sent on it."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False  # closed by the other side, or it says something it was not asked


async def _send(sock: socket.socket, data: bytes) -> None:
    try:
        sent = sock.send(data)
    except BlockingIOError:
        sent = 0
    while sent < len(data):
        await trio.lowlevel.wait_writable(sock)
        sent += sock.send(memoryview(data)[sent:])
