"""Reads one connection's HTTP/1.1 answers; does no I/O.

How it works: feed what the socket gave to `receive` until it returns the answer; at the end of the stream call
`receive_eof`, which completes an answer delimited by the close and refuses any other. llhttp does the framing
(Content-Length, chunks, statuses without a body); this adds what it leaves open: interim answers are skipped, the
size is bounded, and bytes beyond the answer make the connection unfit for another request.
"""

import httptools
from msgspec import Struct

MAX_ANSWER_BYTES = 1_048_576
"""One answer, head included. The platform's are under 1 KiB; the largest we ask for are lists of about 100 KiB."""

_SWITCHING_PROTOCOLS = 101
_FIRST_FINAL_STATUS = 200
_BODILESS_STATUSES = (204, 304)


class AnswerError(Exception):
    """The bytes are not an HTTP answer, are too many, or end too soon."""


class HttpAnswer(Struct, frozen=True):
    """A complete answer; `keep_alive` says whether the connection may carry another request."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    keep_alive: bool


class AnswerReader:
    """The answers of one connection, one after another."""

    def __init__(self, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        self._max_bytes = max_bytes
        self._parser = httptools.HttpResponseParser(self)
        self.expect()

    def expect(self, *, bodiless: bool = False) -> None:
        """Make ready for the next answer; `bodiless` after HEAD, whose answer has the head of a body only."""
        self._bodiless = bodiless
        self._received = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._in_body = False
        self._answer: HttpAnswer | None = None
        self._excess = False

    def receive(self, data: bytes) -> HttpAnswer | None:
        """Take bytes from the connection; return the answer once it is complete.

        Raises:
            AnswerError: the connection must be closed.
        """
        self._received += len(data)
        if self._received > self._max_bytes:
            raise AnswerError(f"answer larger than {self._max_bytes} bytes")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise AnswerError("answer switches protocols") from None
        except httptools.HttpParserError:
            # Garbage behind a complete answer spoils the connection, not the answer.
            if self._answer is None:
                raise AnswerError("not an HTTP answer") from None
            self._excess = True
        if self._answer is not None and self._excess:
            return HttpAnswer(self._answer.status, self._answer.headers, self._answer.body, keep_alive=False)
        return self._answer

    def receive_eof(self) -> HttpAnswer:
        """The other side has closed: the close ends the answer, or cuts it short.

        Raises:
            AnswerError: it was cut short.
        """
        if self._in_body and self._ends_with_close():
            return HttpAnswer(self._parser.get_status_code(), self._headers, b"".join(self._body), keep_alive=False)
        raise AnswerError("closed in the middle of an answer" if self._received else "closed without an answer")

    def _ends_with_close(self) -> bool:
        coding = length = b""
        for name, value in self._headers:
            if name.lower() == b"transfer-encoding":
                coding = value
            elif name.lower() == b"content-length":
                length = value
        return not coding.lower().rstrip().endswith(b"chunked") if coding else not length

    # What llhttp calls while it is fed.

    def on_message_begin(self) -> None:
        if self._answer is not None:
            self._excess = True
            return
        self._headers = []
        self._in_body = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._answer is not None:
            return
        status = self._parser.get_status_code()
        self._in_body = status >= _FIRST_FINAL_STATUS and status not in _BODILESS_STATUSES
        if self._bodiless and self._in_body:
            # llhttp would wait for the body, so this connection is not used again.
            self._answer = HttpAnswer(status, self._headers, b"", keep_alive=False)

    def on_body(self, part: bytes) -> None:
        if self._answer is None:
            self._body.append(part)
        else:
            self._excess = True

    def on_message_complete(self) -> None:
        if self._answer is not None:
            return
        status = self._parser.get_status_code()
        if status == _SWITCHING_PROTOCOLS or status >= _FIRST_FINAL_STATUS:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._answer = HttpAnswer(status, self._headers, body, keep_alive=bool(self._parser.should_keep_alive()))
