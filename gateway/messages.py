"""A request and a response, as connection and handlers pass them."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct


class Request(Struct, frozen=True, kw_only=True):
    """One complete HTTP request.

    `method` and `path` are ASCII as received (`path` without the query and still percent-encoded), `query` is the raw
    query string, `headers` has lower-case names.
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


class Response(Struct, frozen=True, kw_only=True):
    """One HTTP response; `Content-Length`, `Date` and `Connection` are the connection's to write."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Request], Awaitable[Response]]
"""Answers every request; raises only on a bug, which the connection answers with 500 and a closed connection."""

BodyLimit = Callable[[str, str], int]
"""The largest body in bytes that a (method, path) may have, asked before any of it is read."""
