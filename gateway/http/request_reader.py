"""HTTP/1.1 requests out of bytes, without IO.

How it works. `feed` takes what arrived, `next_request` gives one complete request after another until it needs more.
Heads are cut out at their empty line and checked whole (`request_head`), bodies are counted or de-chunked here, so that
the position where one request ends and the next begins is always ours to know. After a refusal, and after a request
that closes the connection, nothing more is read from the stream.
"""

from gateway.http.chunked_body import ChunkedBody
from gateway.http.messages import BodyLimit, Request
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import CHUNKED, Head, check_unfinished, parse_head


class RequestReader:
    """Reads the requests of one connection.

    Memory: at most one feed + max(MAX_HEAD_BYTES, 2 x the body's limit); twice, because a body that came in pieces is
    copied once when it is complete. A body is held as it arrives, never reserved by its announced length.
    """

    __slots__ = ("_body", "_body_limit", "_chunked", "_continue_due", "_head", "_pending", "_scanned", "keep_alive")

    def __init__(self, body_limit: BodyLimit) -> None:
        self._body_limit = body_limit
        self._pending = b""  # fed and not yet consumed
        self._scanned = 0  # bytes of `_pending` known not to hold the end of the head
        self._head: Head | None = None  # of the request whose body is being read
        self._body = bytearray()
        self._chunked: ChunkedBody | None = None
        self._continue_due = False
        self.keep_alive = True
        """Whether the connection stays open after the request returned last."""

    @property
    def started(self) -> bool:
        """Whether a part of a request is held that waits for the rest."""
        return bool(self._pending) or self._head is not None

    def take_continue(self) -> bool:
        """Whether an interim `100 Continue` is to be sent now; True once a request."""
        due = self._continue_due
        self._continue_due = False
        return due

    def feed(self, data: bytes) -> None:
        """Take bytes as they came from the socket; call `next_request` until it returns None before the next feed."""
        if self.keep_alive:
            self._pending = self._pending + data if self._pending else data

    def next_request(self) -> Request | None:
        """Return the next complete request, or None if more bytes are needed.

        Raises:
            RefusedRequestError: the stream cannot be read any further; answer it and close.
        """
        try:
            if self._head is not None:
                self._continue_due = False
                return self._read_body(self._head)
            return self._read_head() if self._pending else None
        except RefusedRequestError:
            self.stop()
            raise

    def _read_head(self) -> Request | None:
        data = self._pending
        end = data.find(b"\r\n\r\n", self._scanned) + 4
        if end < 4:  # noqa: PLR2004  # not found
            check_unfinished(data, self._scanned)
            self._scanned = max(0, len(data) - 3)
            return None
        head = parse_head(data[:end])
        self._scanned = 0
        self._pending = data[end:]
        if head.fields.length == 0:
            return self._finish(head, b"")
        return self._start_body(head)

    def _start_body(self, head: Head) -> Request | None:
        limit = self._body_limit(head)
        if head.fields.length > limit:
            raise RefusedRequestError(413, "the body is too large")
        if head.fields.length == CHUNKED:
            self._chunked = ChunkedBody(limit)
        elif len(self._pending) >= head.fields.length:  # the usual case: the body came with the head
            body = self._pending[: head.fields.length]
            self._pending = self._pending[head.fields.length :]
            return self._finish(head, body)
        self._head = head
        # A client that did not wait for our word needs none.
        self._continue_due = head.fields.expects_continue and not self._pending
        return self._read_body(head)

    def _read_body(self, head: Head) -> Request | None:
        data, self._pending = self._pending, b""
        if self._chunked is not None:
            rest = self._chunked.feed(data)
            if rest is None:
                return None
            body = bytes(self._chunked.body)
        else:
            missing = head.fields.length - len(self._body)
            self._body += data[:missing]
            if len(data) < missing:
                return None
            rest = data[missing:]
            body = bytes(self._body)
        self._pending = rest
        self._head = self._chunked = None
        self._body = bytearray()
        return self._finish(head, body)

    def _finish(self, head: Head, body: bytes) -> Request:
        if not head.fields.keep_alive:
            self.stop()
        return Request(method=head.method, path=head.path, query=head.query, headers=head.fields.headers, body=body)

    def stop(self) -> None:
        self.keep_alive = False
        self._pending = b""
        self._head = self._chunked = None
        self._body = bytearray()
