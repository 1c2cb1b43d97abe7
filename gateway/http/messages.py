"""A request and a response, as connection and handlers pass them."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from gateway.http.request_head import Head

Headers = tuple[tuple[bytes, bytes], ...]
"""A response's header fields, beside those that the connection writes."""


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

    @property
    def logged_path(self) -> str:
        """The path without its last segment, which may open a picture to whoever reads it."""
        return (self.path.rpartition("/")[0] or self.path)[:100]


class Response(Struct, frozen=True, kw_only=True):
    """One HTTP response; `Content-Length`, `Date` and `Connection` are the connection's to write."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Headers = ()


def json_response(document: Struct) -> Response:
    """200 with the document as JSON."""
    return Response(body=msgspec.json.encode(document), content_type="application/json")


Answer = Callable[[Response], None]
"""Gives a request its response: once, now or later. The response is sent at the outbox's next flush."""

Handler = Callable[[Request, Answer], None]
"""Sees to it that every request is answered; raises only on a bug, which is answered with 500."""

BodyLimit = Callable[[Head], int]
"""The largest body in bytes that a request with this head may have, asked before any of it is read."""
