"""A lane: one keep-alive connection to one origin, one request at a time.

How it works: `connect` makes sure there is a connection that shows no sign of being dead, `ask` writes one request and
reads its answer. Apart, so that the caller can look at the clock between the two: errors out of `connect` mean that
nothing was sent, and so does `StaleConnectionError` out of `ask`; every other error out of `ask` means that
the outcome is unknown. After any error or cancellation in the middle the connection is closed. Errors are httpx's own.
"""

import ssl

import httpx
import trio
from msgspec import Struct

from pushers.lanes.http_answer import MAX_ANSWER_BYTES, AnswerError, AnswerReader, HttpAnswer
from pushers.lanes.origin import Origin
from pushers.lanes.wire import PlainWire, TlsWire, Wire

IDLE_SECONDS = 30.0
"""An idle connection older than this is replaced: address translators forget it silently after a minute or so."""


class Timeouts(Struct, frozen=True):
    """Seconds for each step; `None` waits without end, or until the lane is given up."""

    connect: float | None = 5.0
    write: float | None = 5.0
    read: float | None = 5.0


class StaleConnectionError(httpx.WriteError):
    """A connection kept from before turned out dead with not one byte of the request sent: connect and ask again."""


def nothing_sent(error: Exception) -> bool:
    """Whether the platform certainly saw nothing of the request; otherwise the outcome is unknown."""
    return isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, StaleConnectionError))


class Lane:
    """One connection at a time to `origin`; not for use by several tasks at once."""

    def __init__(
        self, origin: Origin, *, tls: ssl.SSLContext | None = None, max_answer_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        self._origin = origin
        self._tls = tls
        self._max_answer_bytes = max_answer_bytes
        self._wire: Wire | None = None
        self._reader = AnswerReader(max_answer_bytes)
        self._used = False
        self._idle_since = 0.0

    def usable(self) -> bool:
        """Whether there is a connection with no sign of being dead: not closed, nothing unasked for, not too old."""
        return (
            self._wire is not None
            and trio.current_time() - self._idle_since < IDLE_SECONDS
            and not self._wire.is_readable()
        )

    async def connect(self, seconds: float | None) -> None:
        """Have a usable connection.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout: there is none; nothing was sent.
        """
        if self.usable():
            return
        self.close()
        with trio.move_on_after(float("inf") if seconds is None else seconds) as scope:
            try:
                self._wire = await self._open()
            except (OSError, trio.BrokenResourceError, ssl.SSLError) as error:
                raise httpx.ConnectError(f"{self._origin.host}: {_reason(error)}") from error
        if scope.cancelled_caught:
            raise httpx.ConnectTimeout(f"{self._origin.host}: no connection in {seconds} s")
        self._reader = AnswerReader(self._max_answer_bytes)
        self._used = False
        self._idle_since = trio.current_time()

    async def ask(self, request: bytes, timeouts: Timeouts, *, bodiless: bool = False) -> HttpAnswer:
        """Send one request on the connection that `connect` made and return its answer.

        Raises:
            StaleConnectionError: nothing was sent.
            httpx.WriteError, httpx.WriteTimeout, httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError: it is
                unknown whether the platform acted on it.
        """
        await self.write(request, timeouts.write)
        return await self.answer(timeouts.read, bodiless=bodiless)

    async def write(self, request: bytes, seconds: float | None) -> None:
        """The first half of `ask`: send the request. It has left for the platform when this returns."""
        wire = self._wire
        if wire is None:
            raise httpx.ConnectError(f"{self._origin.host}: not connected")
        written = False
        try:
            await self._write(wire, request, seconds)
            written = True
        finally:
            if not written:
                self.close()

    async def answer(self, seconds: float | None, *, bodiless: bool = False) -> HttpAnswer:
        """The second half of `ask`: wait for the answer to what was written."""
        wire = self._wire
        if wire is None:
            raise httpx.ReadError(f"{self._origin.host}: not connected")
        answer: HttpAnswer | None = None
        self._reader.expect(bodiless=bodiless)
        try:
            if seconds is None:
                answer = await self._read(wire)
            else:
                with trio.move_on_after(seconds):
                    answer = await self._read(wire)
        finally:
            # Also on cancellation: an answer still to come must never be read as the next request's.
            if answer is None:
                self.close()
        if answer is None:
            raise httpx.ReadTimeout(f"{self._origin.host}: no answer in {seconds} s")
        if answer.keep_alive:
            self._used = True
            self._idle_since = trio.current_time()
        else:
            self.close()
        return answer

    async def exchange(self, request: bytes, timeouts: Timeouts, *, bodiless: bool = False) -> HttpAnswer:
        """`connect` and `ask`; once more on a fresh connection if the kept one was dead and nothing was sent."""
        await self.connect(timeouts.connect)
        try:
            return await self.ask(request, timeouts, bodiless=bodiless)
        except StaleConnectionError:
            await self.connect(timeouts.connect)
            return await self.ask(request, timeouts, bodiless=bodiless)

    def give_up(self) -> None:
        """Let an `ask` that waits raise httpx.ReadTimeout (or WriteTimeout) now: for those who keep time for many."""
        if self._wire is not None:
            self._wire.interrupt()

    def close(self) -> None:
        """Drop the connection, if any."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    async def _open(self) -> Wire:
        stream = await trio.open_tcp_stream(self._origin.host, self._origin.port)
        if self._origin.scheme == "http":
            return PlainWire(stream)
        context = self._tls or ssl.create_default_context()
        return await TlsWire.handshake(stream, context, self._origin.host)

    async def _write(self, wire: Wire, request: bytes, seconds: float | None) -> None:
        try:
            sent = wire.send_now(request)
            if sent == len(request):
                return
            with trio.move_on_after(float("inf") if seconds is None else seconds) as scope:
                await wire.send_all(request[sent:] if sent else request)
        except trio.ClosedResourceError:
            raise httpx.WriteTimeout(f"{self._origin.host}: request not taken in time") from None
        except (OSError, trio.BrokenResourceError) as error:
            if self._used and wire.sent_bytes == 0:
                raise StaleConnectionError(f"{self._origin.host}: {_reason(error)}") from error
            raise httpx.WriteError(f"{self._origin.host}: {_reason(error)}") from error
        if scope.cancelled_caught:
            raise httpx.WriteTimeout(f"{self._origin.host}: request not taken in {seconds} s")

    async def _read(self, wire: Wire) -> HttpAnswer:
        reader = self._reader
        answer: HttpAnswer | None = None
        try:
            while answer is None:
                data = await wire.receive_some()
                answer = reader.receive(data) if data else reader.receive_eof()
        except trio.ClosedResourceError:
            raise httpx.ReadTimeout(f"{self._origin.host}: no answer in time") from None
        except (OSError, trio.BrokenResourceError) as error:
            raise httpx.ReadError(f"{self._origin.host}: {_reason(error)}") from error
        except AnswerError as error:
            raise httpx.RemoteProtocolError(f"{self._origin.host}: {error}") from error
        return answer


def _reason(error: BaseException) -> str:
    """The words of the operating system behind trio's wrapper."""
    cause = error.__cause__
    return str(cause or error) or type(error).__name__
