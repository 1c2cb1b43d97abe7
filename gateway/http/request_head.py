"""The head of a request: request line and header fields, checked strictly.

How it works. One head is parsed at a time, from its first byte to its empty line. The request line is ours; the fields
go to a fresh `HttpRequestParser` (0.3 µs; it is never shown a body, so it has no state worth keeping), and what came of
them is remembered, as one client's requests differ in little but their request line. llhttp checks the names and values
of the fields; httptools 0.9 was seen to refuse a space before the colon, folded lines, bare CR and LF and control
characters, and the conformance corpus holds it to that. What it lets through, or reports too late for us, is checked
here: the request line by one regular expression, and the rules that decide where the body ends (RFC 9112, section 6).
Where both check the same thing, both must agree: a request that two parsers read differently is how requests are
smuggled.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import Struct

from gateway.http.refusal import RefusedRequestError

MAX_LINE_BYTES: Final = 8192  # RFC 9112, section 3, asks for 8,000 at least; a callback's query is about 200
MAX_HEAD_BYTES: Final = 16_384  # the request line and all fields with it
MAX_FIELDS: Final = 100
_SMALL_HEAD_BYTES: Final = 4 * MAX_FIELDS  # no limit can be broken below: the smallest field, "a:" CRLF, has four bytes
_REMEMBERED_BYTES: Final = 1024  # a section of fields, several times what the platform and a load balancer send
_MOST_REMEMBERED: Final = 512  # of them: half a megabyte, and as much again for what was read
_MAX_LENGTH_DIGITS: Final = 16  # beyond any limit, and still one machine word

CHUNKED: Final = -1
"""The `length` of a head whose body is chunked."""

# The target is a path: no absolute URI, no `*`, no fragment, printable ASCII only.
_REQUEST_LINE = re.compile(rb"(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS) (/[!\"$-~]*) HTTP/1\.([01])\r\n")
_ANY_REQUEST_LINE = re.compile(rb"([A-Za-z][!#$%&'*+.^_`|~0-9A-Za-z-]*) ([!-~]+) HTTP/([0-9])\.([0-9])\r\n")
_KNOWN_METHODS: Final = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS"))
_BROKEN_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_CLOSE = re.compile(rb"(?:\A|,)[ \t]*close[ \t]*(?:,|\Z)", re.IGNORECASE)
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")

# A second one of these means that two readers may disagree about the request, or about who sent it.
_SINGLE: Final = frozenset(
    (b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization", b"expect")
)
_NO_DUPLICATE: Final = b""


class FieldSection(Struct, frozen=True, kw_only=True):
    """What the header fields of a request say; `length` is the body's in bytes, or `CHUNKED`."""

    headers: Mapping[bytes, bytes]
    length: int
    keep_alive: bool
    expects_continue: bool


class Head(Struct, frozen=True):
    """A request without its body; `path` is still percent-encoded and `query` raw."""

    method: str
    path: str
    query: bytes
    fields: FieldSection


_remembered: dict[tuple[bytes, bytes], FieldSection] = {}


class _Fields:
    """Collects header fields: lower-case names, repeated ones joined by a comma, surrounding space taken off."""

    __slots__ = ("fields", "repeated")

    def __init__(self) -> None:
        self.fields: dict[bytes, bytes] = {}
        self.repeated = _NO_DUPLICATE

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        value = value.strip(b" \t")
        if name in self.fields:
            if name in _SINGLE:
                self.repeated = name
            value = self.fields[name] + b", " + value
        self.fields[name] = value


def parse_head(head: bytes) -> Head:
    r"""Parse a whole head, its final CRLF CRLF included; raise `RefusedRequestError` if it breaks any rule."""
    if len(head) > _SMALL_HEAD_BYTES:
        _check_size(head)
        if head.count(b"\r\n") - 2 > MAX_FIELDS:
            raise RefusedRequestError(431, "too many header fields")
    line = _REQUEST_LINE.match(head)
    if line is None:
        raise _explain(head)
    method, target, minor = line.groups()
    section = head[line.end() :]
    fields = _remembered.get((section, minor)) or _read_fields(section, minor)
    path, _, query = target.partition(b"?")
    return Head(method.decode("ascii"), path.decode("ascii"), query, fields)


def _read_fields(section: bytes, minor: bytes) -> FieldSection:
    """Read the fields of an HTTP/1.`minor` request."""
    headers = _parse_fields(section, minor)
    modern = minor == b"1"
    connection = headers.get(b"connection")
    fields = FieldSection(
        headers=headers,
        length=_body_length(headers, modern=modern),
        # HTTP/1.0 connections are always closed: its keep-alive is an extension nobody in front of us needs.
        keep_alive=modern and (connection is None or _CLOSE.search(connection) is None),
        expects_continue=modern and b"expect" in headers and _expects_continue(headers[b"expect"]),
    )
    # Nothing secret is remembered: an upstream's key is in this process as a hash alone.
    if len(section) <= _REMEMBERED_BYTES and b"authorization" not in headers:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[section, minor] = fields
    return fields


def check_unfinished(start: bytes, scanned: int) -> None:
    """Refuse at once what no further byte can mend; `scanned` bytes of `start` have been through here before.

    Without this a client that speaks TLS, or ends its lines in LF alone, would be held until the deadline.
    """
    _check_size(start)
    if not start[:1].isalpha():
        raise RefusedRequestError(400, "not an HTTP request")
    if _BROKEN_LINE_END.search(start, max(0, scanned - 1)):
        raise RefusedRequestError(400, "a line ends in something other than CRLF")


def _check_size(head: bytes) -> None:
    if len(head) > MAX_LINE_BYTES and head.find(b"\r\n", 0, MAX_LINE_BYTES + 2) < 0:
        raise RefusedRequestError(414, "the request line is too long")
    if len(head) > MAX_HEAD_BYTES:
        raise RefusedRequestError(431, "the header fields are too large")


def _parse_fields(section: bytes, minor: bytes) -> dict[bytes, bytes]:
    collector = _Fields()
    try:
        HttpRequestParser(collector).feed_data(b"POST / HTTP/1.%b\r\n%b" % (minor, section))
    except HttpParserUpgrade:
        # All fields are read by now. An upgrade may be ignored (RFC 9110, section 7.8), and here always is.
        pass
    except HttpParserError:
        # Not chained: llhttp's words would say nothing to the client, and nobody else reads them.
        raise RefusedRequestError(400, "a header field is malformed") from None
    if collector.repeated:
        raise RefusedRequestError(400, f"more than one {collector.repeated.decode('ascii')} field")
    return collector.fields


def _body_length(fields: Mapping[bytes, bytes], *, modern: bool) -> int:
    """Where the body ends (RFC 9112, section 6.3), with every case that can be misread refused."""
    host = fields.get(b"host")
    if host is None:
        if modern:
            raise RefusedRequestError(400, "no host field")
    elif not _is_host(host):
        raise RefusedRequestError(400, "the host field is malformed")
    coding = fields.get(b"transfer-encoding")
    length = fields.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise RefusedRequestError(400, "both transfer-encoding and content-length")
        if not modern:
            raise RefusedRequestError(400, "transfer-encoding in HTTP/1.0")
        if coding.lower() != b"chunked":
            raise RefusedRequestError(400, "transfer-encoding is not exactly chunked")
        return CHUNKED
    if length is None:
        return 0
    if not length.isdigit() or len(length) > _MAX_LENGTH_DIGITS:
        raise RefusedRequestError(400, "content-length is malformed")
    return int(length)


@lru_cache(maxsize=64)  # nearly every request names the same few; at most 64 x MAX_HEAD_BYTES
def _is_host(host: bytes) -> bool:
    return _HOST.fullmatch(host) is not None


def _expects_continue(expectation: bytes) -> bool:
    if expectation.lower() != b"100-continue":
        raise RefusedRequestError(417, "the only expectation met is 100-continue")
    return True


def _explain(head: bytes) -> RefusedRequestError:
    """Say what is wrong with a request line that is not served."""
    line = _ANY_REQUEST_LINE.match(head)
    if line is None:
        return RefusedRequestError(400, "the request line is malformed")
    method, _, major, minor = line.groups()
    if major != b"1" or minor not in b"01":
        return RefusedRequestError(505, "the version is not HTTP/1.1 or HTTP/1.0")
    if method not in _KNOWN_METHODS:
        return RefusedRequestError(501, "the method is unknown here")
    return RefusedRequestError(400, "the request target is not a path")
