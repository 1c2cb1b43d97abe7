"""Responses into bytes, without IO."""

from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from gateway.http.messages import Response

CONTINUE: Final = Response(status=100)
"""The interim answer to `Expect: 100-continue`."""
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_STATUS_LINES: Final = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode("ascii") for s in HTTPStatus}
_BODILESS: Final = frozenset((204, 304))  # they end at their head, and 204 must have no content-length (RFC 9110, 8.6)
_FORBIDDEN: Final = (b"\r", b"\n", b"\0")


class ResponseEncoder:
    """Encodes for all connections of a process; the Date line is made once a second.

    `wall_clock` gives seconds since 1970.
    """

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._second = -1
        self._date = b""
        self._last: tuple[Response, bool] | None = None  # encoded in `_second` as `_encoded`
        self._encoded = b""

    def encode(self, response: Response, *, keep_alive: bool, head: bool = False) -> bytes:
        """Return the whole response; `head` leaves out the body that a GET would have had.

        Raises:
            ValueError: a header or the content type would break the message apart.
        """
        if response is CONTINUE:
            return _CONTINUE
        date = self._date_line()
        last = self._last
        if last is not None and last[0] is response and last[1] is keep_alive and not head:
            return self._encoded
        encoded = self._encode(response, date, keep_alive=keep_alive, head=head)
        if not head:
            # In a spike nearly every answer is the very same object: `success`.
            self._last, self._encoded = (response, keep_alive), encoded
        return encoded

    @staticmethod
    def _encode(response: Response, date: bytes, *, keep_alive: bool, head: bool) -> bytes:
        status, body = response.status, response.body
        lines = b"".join(map(_header_line, response.headers)) if response.headers else b""
        if not keep_alive:
            lines += b"connection: close\r\n"
        if status in _BODILESS:
            return b"%b%b%b\r\n" % (_status_line(status), date, lines)
        return b"%b%bcontent-type: %b\r\ncontent-length: %d\r\n%b\r\n%b" % (
            _status_line(status),
            date,
            _field_value(response.content_type),
            len(body),
            lines,
            b"" if head else body,
        )

    def _date_line(self) -> bytes:
        second = int(self._wall_clock())
        if second != self._second:
            self._second = second
            self._last = None
            self._date = f"date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")
        return self._date


def _status_line(status: int) -> bytes:
    line = _STATUS_LINES.get(status)
    return b"HTTP/1.1 %d \r\n" % status if line is None else line


def _header_line(header: tuple[bytes, bytes]) -> bytes:
    name, value = header
    line = name + b": " + value
    if any(byte in line for byte in _FORBIDDEN):
        raise ValueError("a response header holds a line end")
    return line + b"\r\n"


@lru_cache(maxsize=64)  # content types in use are a handful
def _field_value(text: str) -> bytes:
    value = text.encode("ascii")
    if any(byte in value for byte in _FORBIDDEN):
        raise ValueError("the content type holds a line end")
    return value
