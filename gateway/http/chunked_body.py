"""A chunked request body (RFC 9112, section 7.1), decoded strictly.

Ours and not llhttp's, because llhttp does not say where in the bytes it was fed the body ended, and what follows must
go through the strict head check. Trailers are refused: nobody who calls us sends them, and they are a way to smuggle
fields.
"""

import re
from typing import Final

from gateway.http.refusal import RefusedRequestError

_MAX_SIZE_LINE: Final = 256
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t -~]*)?")  # extensions are ignored, as they must be

# Each chunk costs about a microsecond however small it is, so their number is bounded too: 1,024 and one for each 64
# bytes allowed. 8 MiB in the smallest chunks is then 132,000 chunks, not 8 million.
_FREE_CHUNKS: Final = 1024
_BYTES_PER_CHUNK: Final = 64


class ChunkedBody:
    """Takes the bytes after the head; holds at most `limit` bytes of body and `_MAX_SIZE_LINE` of framing."""

    def __init__(self, limit: int) -> None:
        self.body = bytearray()
        self._limit = limit
        self._chunks_left = _FREE_CHUNKS + limit // _BYTES_PER_CHUNK
        self._unread = b""  # the start of a size line or of a chunk's CRLF
        self._data_left = 0  # of the chunk being read
        self._end_of_chunk = False  # its data is complete, its CRLF not yet seen
        self._last = False  # the chunk of size 0 was seen

    def feed(self, data: bytes) -> bytes | None:
        """Return what follows the end of the body, or None if the body goes on; raise `RefusedRequestError`."""
        data = self._unread + data
        self._unread = b""
        at = 0
        while True:
            if self._data_left:
                piece = data[at : at + self._data_left]
                self.body += piece
                at += len(piece)
                self._data_left -= len(piece)
                if self._data_left:
                    return None
                self._end_of_chunk = True
            if self._end_of_chunk:
                if not self._read_crlf(data, at):
                    return None
                at += 2
                if self._last:
                    return data[at:]
                self._end_of_chunk = False
            end = self._find_size_line_end(data, at)
            if end < 0:
                return None
            self._read_size_line(data, at, end)
            at = end + 2

    def _read_crlf(self, data: bytes, at: int) -> bool:
        found = data[at : at + 2]
        if found == b"\r\n":
            return True
        if found in {b"", b"\r"}:
            self._unread = found
            return False
        raise RefusedRequestError(400, "a trailer" if self._last else "a chunk is longer than its size")

    def _find_size_line_end(self, data: bytes, at: int) -> int:
        end = data.find(b"\r\n", at, at + _MAX_SIZE_LINE + 2)
        if end < 0:
            self._unread = data[at:]
            if len(self._unread) > _MAX_SIZE_LINE + 1 or b"\n" in self._unread:
                raise RefusedRequestError(400, "a chunk's size line is malformed")
        return end

    def _read_size_line(self, data: bytes, at: int, end: int) -> None:
        line = _SIZE_LINE.fullmatch(data, at, end)
        if line is None:
            raise RefusedRequestError(400, "a chunk's size line is malformed")
        self._data_left = int(line[1], 16)
        self._last = self._end_of_chunk = self._data_left == 0
        self._chunks_left -= 1
        if len(self.body) + self._data_left > self._limit:
            raise RefusedRequestError(413, "the body is too large")
        if self._chunks_left < 0:
            raise RefusedRequestError(413, "the body comes in too many small chunks")
