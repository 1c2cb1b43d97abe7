"""httpx over lanes: for everything but the sends of pushes (tokens, pictures, quotas, webhooks).

httpx's stock pool costs grow with the requests in flight; here a request takes an idle lane or opens one, to a bound.
"""

import math
import ssl
from collections import deque

import httpx
import trio

from pushers.lanes.http_answer import MAX_ANSWER_BYTES
from pushers.lanes.lane import Lane, Timeouts
from pushers.lanes.origin import Origin, split_base

MAX_LANES = 8
"""Connections at once, over all origins. Memory: a lane holds at most one answer of MAX_ANSWER_BYTES."""

_OURS = frozenset((b"transfer-encoding", b"accept-encoding"))
"""Fields of a request that httpx does not decide: the body is whole by now and goes with its length."""
_IGNORED = frozenset((b"content-encoding", b"set-cookie"))
"""Fields of an answer that httpx would act on without a bound: nothing is unpacked, and no cookie is kept."""


class LaneTransport(httpx.AsyncBaseTransport):
    """A bounded pool of lanes. Requests and answers are held whole in memory, never streamed, and never compressed."""

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, lanes: int = MAX_LANES, max_answer_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        self._tls = tls or ssl.create_default_context()
        self._max_answer_bytes = max_answer_bytes
        self._room = trio.Semaphore(lanes, max_value=lanes)
        # The newest at the right: it is the least likely to be dead. With those in use they are never above the bound.
        self._idle: deque[tuple[Origin, Lane]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.TransportError: httpx's own, see `pushers.lanes.lane`.
        """
        body = await request.aread()
        limits = request.extensions.get("timeout", {})
        with trio.move_on_after(_seconds(limits.get("pool"))) as scope:
            await self._room.acquire()
        if scope.cancelled_caught:
            raise httpx.PoolTimeout("every lane is busy", request=request)
        try:
            origin, lane = self._take(request.url)
            timeouts = Timeouts(limits.get("connect"), limits.get("write"), limits.get("read"))
            answer = await lane.exchange(_serialise(request, body), timeouts, bodiless=request.method == "HEAD")
            self._idle.append((origin, lane))
        finally:
            self._room.release()
        headers = [field for field in answer.headers if field[0].lower() not in _IGNORED]
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))

    async def aclose(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()
        await trio.lowlevel.checkpoint()

    def _take(self, url: httpx.URL) -> tuple[Origin, Lane]:
        """A lane to the URL's origin: an idle one, or a new one in the place of whichever was idle longest."""
        try:
            origin, _ = split_base(str(url))
        except ValueError as error:
            raise httpx.UnsupportedProtocol(f"unsupported address {url.scheme}://{url.host}") from error
        for index in reversed(range(len(self._idle))):
            if self._idle[index][0] == origin:
                lane = self._idle[index][1]
                del self._idle[index]
                return origin, lane
        if len(self._idle) > self._room.value:
            self._idle.popleft()[1].close()
        return origin, Lane(origin, tls=self._tls, max_answer_bytes=self._max_answer_bytes)


def _serialise(request: httpx.Request, body: bytes) -> bytes:
    parts = [request.method.encode("ascii"), b" ", request.url.raw_path, b" HTTP/1.1\r\n"]
    for name, value in request.headers.raw:
        if name.lower() in _OURS:
            continue
        parts += [name, b": ", value, b"\r\n"]
    if "content-length" not in request.headers and (body or request.method in {"POST", "PUT", "PATCH"}):
        parts.append(b"Content-Length: %d\r\n" % len(body))
    return b"".join([*parts, b"Accept-Encoding: identity\r\n\r\n", body])


def _seconds(limit: float | None) -> float:
    return math.inf if limit is None else limit
