r"""Raw request bytes and what is to become of them: the framing rules as examples.

`accepted` is how many complete requests the bytes hold; `status` is the refusal that ends them (0: none; they may also
just be unfinished). `stricter` says why we refuse what h11 accepts; without it the verdicts must be the same.
The body limit is 16 bytes.
"""

from typing import NamedTuple

BODY_LIMIT = 16


class Case(NamedTuple):
    name: str
    raw: bytes
    accepted: int = 0
    status: int = 0
    stricter: str = ""


def _get(fields: bytes, host: bytes = b"Host: a\r\n") -> bytes:
    return b"GET / HTTP/1.1\r\n" + host + fields + b"\r\n"


def _post(fields: bytes, body: bytes = b"") -> bytes:
    return b"POST /x HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + body


def _chunked(body: bytes) -> bytes:
    return _post(b"Transfer-Encoding: chunked\r\n", body)


def _line(line: bytes) -> bytes:
    return line + b"\r\nHost: a\r\n\r\n"


_LENIENT_LF = "h11 takes a bare LF for a line end; a proxy in front may not"
_FOLD = "folded lines are obsolete (RFC 9112, 5.2) and read differently by different parsers"
_PATHS_ONLY = "we are an origin server: only the origin form of a target has a meaning here"
_METHODS = "no route could ever serve the method"
_TRAILER = "nobody who calls us sends trailers, and they are a way to smuggle fields"
_ONE_VALUE = "a field that decides who sent what is never ambiguous"

ACCEPTED = (
    Case("the smallest request", _get(b""), 1),
    Case("an empty host", _get(b"", b"Host:\r\n"), 1),
    Case("a host with a port", _get(b"", b"Host: [::1]:8080\r\n"), 1),
    Case("HTTP/1.0 without a host", b"GET / HTTP/1.0\r\n\r\n", 1),
    Case("HTTP/1.0 with a body", b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", 1),
    Case("a query with everything in it", _line(b"GET /a%20b;c?d=e&f=%E4%B8%AD+/?~ HTTP/1.1"), 1),
    Case("a body by length", _post(b"Content-Length: 5\r\n", b"hello"), 1),
    Case("an empty body by length", _post(b"Content-Length: 0\r\n"), 1),
    Case("a length with zeros in front", _post(b"Content-Length: 0005\r\n", b"hello"), 1),
    Case("a length with space around it", _post(b"Content-Length: \t5 \r\n", b"hello"), 1),
    Case("a body exactly at the limit", _post(b"Content-Length: 16\r\n", b"x" * 16), 1),
    Case("a body whose bytes look like a request", _post(b"Content-Length: 16\r\n", b"GET / HTTP/1.1\r\n"), 1),
    Case("a chunked body", _chunked(b"5\r\nhello\r\n0\r\n\r\n"), 1),
    Case("a chunked body in pieces", _chunked(b"2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n"), 1),
    Case("an empty chunked body", _chunked(b"0\r\n\r\n"), 1),
    Case("chunk sizes in either case", _chunked(b"A\r\n0123456789\r\n0\r\n\r\n" * 1), 1),
    Case("a chunk extension is ignored", _chunked(b'5;a="b"\r\nhello\r\n0;c\r\n\r\n'), 1),
    Case("a coding in upper case", _post(b"Transfer-Encoding: CHUNKED\r\n", b"0\r\n\r\n"), 1),
    Case("two in a pipeline", _get(b"") + _get(b""), 2),
    Case("a body, then another request", _post(b"Content-Length: 2\r\n", b"hi") + _get(b""), 2),
    Case("chunks, then another request", _chunked(b"2\r\nhi\r\n0\r\n\r\n") + _get(b""), 2),
    Case("nothing is read after Connection: close", _get(b"Connection: close\r\n") + b"\0garbage", 1),
    Case("nothing is read after HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n" + _get(b""), 1),
    Case("a field twice", _get(b"X-A: 1\r\nx-a: 2\r\n"), 1),
    Case("an empty field", _get(b"X-A:\r\n"), 1),
    Case("a field value in UTF-8", _get("X-A: 中文\r\n".encode()), 1),
    Case("a tab in a field value", _get(b"X-A: a\tb\r\n"), 1),
    Case("space around a colon in a value", _get(b"X-A: b : c\r\n"), 1),
    Case("as many fields as there may be", _get(b"X-A: 1\r\n" * 99), 1),
    Case("an offer to upgrade is ignored", _get(b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), 1),
    Case(
        "an offer to upgrade with a body",
        _post(b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", b"hi"),
        1,
    ),
    Case("Expect: 100-continue", _post(b"Expect: 100-Continue\r\nContent-Length: 2\r\n", b"hi"), 1),
    Case("any expectation in HTTP/1.0", b"GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", 1),
    Case("a method that has routes elsewhere", _line(b"PATCH / HTTP/1.1"), 1),
)

UNFINISHED = (
    Case("nothing", b""),
    Case("half a request line", b"GET / HT"),
    Case("no empty line yet", b"GET / HTTP/1.1\r\nHost: a\r\n"),
    Case("half a line end", b"GET / HTTP/1.1\r\nHost: a\r\n\r"),
    Case("half a body", _post(b"Content-Length: 5\r\n", b"he")),
    Case("half a chunk", _chunked(b"5\r\nhel")),
    Case("a chunk without its line end", _chunked(b"5\r\nhello\r")),
    Case("no last chunk yet", _chunked(b"5\r\nhello\r\n")),
    Case("half the end of the last chunk", _chunked(b"0\r\n\r")),
    Case("one whole and half of the next", _get(b"") + b"GET /", 1),
)

LINES = (
    Case("a bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", 0, 400, _LENIENT_LF),
    Case("a bare LF after a field", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 0, 400, _LENIENT_LF),
    Case("a bare CR in a field", _get(b"X: a\rb\r\n"), 0, 400),
    Case("CR CR LF", _get(b"X: a\r\r\n"), 0, 400),
    Case("an empty line in front", b"\r\n" + _get(b""), 0, 400),
    Case("a folded field", _get(b"X: a\r\n b\r\n"), 0, 400, _FOLD),
    Case("a field folded with a tab", _get(b"X: a\r\n\tb\r\n"), 0, 400, _FOLD),
    Case("a first field that starts with space", b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 0, 400),
    Case("a request line too long", _line(b"GET /" + b"a" * 8192 + b" HTTP/1.1"), 0, 414, "8,192 bytes are enough"),
    Case("a request line without end", b"GET /" + b"a" * 9000, 0, 414, "8,192 bytes are enough"),
    Case("fields too large", _get(b"X: " + b"a" * 16_384 + b"\r\n"), 0, 431, "16,384 bytes are enough"),
    Case("fields without end", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000, 0, 431),
    Case("fields too many", _get(b"X: y\r\n" * 100), 0, 431, "each field costs time before anyone is authenticated"),
    Case("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, 400),
)

TARGETS = (
    Case("an absolute URI", _line(b"GET http://a/ HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("an asterisk", _line(b"OPTIONS * HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("a relative path", _line(b"GET a HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("a fragment", _line(b"GET /#a HTTP/1.1"), 0, 400, "a fragment is never sent (RFC 9110, 7.1)"),
    Case("no target", _line(b"GET HTTP/1.1"), 0, 400),
    Case("two spaces", _line(b"GET  / HTTP/1.1"), 0, 400),
    Case("a tab for a space", _line(b"GET\t/ HTTP/1.1"), 0, 400),
    Case("a space at the end", _line(b"GET / HTTP/1.1 "), 0, 400),
    Case("a space in the target", _line(b"GET /a b HTTP/1.1"), 0, 400),
    Case("NUL in the target", _line(b"GET /\0 HTTP/1.1"), 0, 400),
    Case("a control character in the target", _line(b"GET /\x1b HTTP/1.1"), 0, 400),
    Case("DEL in the target", _line(b"GET /\x7f HTTP/1.1"), 0, 400),
    Case("a raw UTF-8 target", _line("GET /中 HTTP/1.1".encode()), 0, 400),
    Case("a method in lower case", _line(b"get / HTTP/1.1"), 0, 501, _METHODS),
    Case("an unknown method", _line(b"BREW / HTTP/1.1"), 0, 501, _METHODS),
    Case("CONNECT", _line(b"CONNECT a:1 HTTP/1.1"), 0, 501, _METHODS),
    Case("TRACE", _line(b"TRACE / HTTP/1.1"), 0, 501, _METHODS),
    Case("a method that is no token", _line(b"GE(T / HTTP/1.1"), 0, 400),
    Case("no version", _line(b"GET /"), 0, 400),
    Case("a version in lower case", _line(b"GET / http/1.1"), 0, 400),
    Case("HTTP/1.2", _line(b"GET / HTTP/1.2"), 0, 505, "a version nobody has defined"),
    Case("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505, "not what h11 takes it for either"),
    Case("HTTP/11.1", _line(b"GET / HTTP/11.1"), 0, 400),
)

FIELDS = (
    Case("no host", _get(b"", b""), 0, 400),
    Case("two hosts", _get(b"Host: b\r\n"), 0, 400),
    Case("the same host twice", _get(b"host: a\r\n"), 0, 400),
    Case("two hosts in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 0, 400),
    Case("a host that is none", _get(b"", b"Host: a/b\r\n"), 0, 400, "RFC 9112, 3.2, asks for 400"),
    Case("a host list", _get(b"", b"Host: a b\r\n"), 0, 400, "RFC 9112, 3.2, asks for 400"),
    Case("space before the colon", _get(b"X : y\r\n"), 0, 400),
    Case("space in a name", _get(b"X Y: z\r\n"), 0, 400),
    Case("an empty name", _get(b": y\r\n"), 0, 400),
    Case("no colon", _get(b"X\r\n"), 0, 400),
    Case("a name that is no token", _get(b"(X): y\r\n"), 0, 400),
    Case("a name beyond ASCII", _get(b"\xe9: y\r\n"), 0, 400),
    Case("NUL in a value", _get(b"X: a\0b\r\n"), 0, 400),
    Case("a control character in a value", _get(b"X: a\x01b\r\n"), 0, 400, "RFC 9110, 5.5: refuse or replace"),
    Case("DEL in a value", _get(b"X: a\x7fb\r\n"), 0, 400, "RFC 9110, 5.5: refuse or replace"),
    Case("a vertical tab in a value", _get(b"X: a\x0bb\r\n"), 0, 400),
    Case("two authorizations", _get(b"Authorization: a\r\nAuthorization: b\r\n"), 0, 400, _ONE_VALUE),
    Case("two content types", _get(b"Content-Type: a/b\r\nContent-Type: c/d\r\n"), 0, 400, _ONE_VALUE),
    Case("an unknown expectation", _post(b"Expect: tea\r\nContent-Length: 0\r\n"), 0, 417, "RFC 9110, 10.1.1"),
)

FRAMING = (
    Case("two lengths", _post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"), 0, 400),
    Case("the same length twice", _post(b"Content-Length: 5\r\ncontent-length: 5\r\n", b"hello"), 0, 400, _ONE_VALUE),
    Case("a list of lengths", _post(b"Content-Length: 5, 5\r\n", b"hello"), 0, 400, _ONE_VALUE),
    Case("a length with a sign", _post(b"Content-Length: +5\r\n", b"hello"), 0, 400),
    Case("a negative length", _post(b"Content-Length: -5\r\n", b"hello"), 0, 400),
    Case("a length in hexadecimal", _post(b"Content-Length: 0x5\r\n", b"hello"), 0, 400),
    Case("a length with an underscore", _post(b"Content-Length: 1_0\r\n", b"0123456789"), 0, 400),
    Case("an empty length", _post(b"Content-Length:\r\n"), 0, 400),
    Case("a length beyond any integer", _post(b"Content-Length: " + b"9" * 40 + b"\r\n"), 0, 400),
    Case("a length beyond 64 bits", _post(b"Content-Length: 18446744073709551617\r\n", b"x"), 0, 400, "it overflows"),
    Case("a length over the limit", _post(b"Content-Length: 17\r\n"), 0, 413, "the limit of the route"),
    Case(
        "chunked and a length",
        _post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        0,
        400,
        "both",
    ),
    Case(
        "a length and chunked",
        _post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
        0,
        400,
        "both",
    ),
    Case("chunked twice", _post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked in two fields", _post(b"Transfer-Encoding: chunked\r\n" * 2, b"0\r\n\r\n"), 0, 400),
    Case("gzip and chunked", _post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("gzip", _post(b"Transfer-Encoding: gzip\r\n"), 0, 400),
    Case("identity", _post(b"Transfer-Encoding: identity\r\n"), 0, 400),
    Case("almost chunked", _post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked with a vertical tab", _post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked with space before the colon", _post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("an empty coding", _post(b"Transfer-Encoding:\r\n"), 0, 400),
    Case(
        "chunked in HTTP/1.0",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        0,
        400,
        "HTTP/1.0 has no chunks (RFC 9112, 6.1)",
    ),
)

CHUNKS = (
    Case("a size that is no number", _chunked(b"x\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size with a prefix", _chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size with a sign", _chunked(b"+5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a negative size", _chunked(b"-5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("an empty size", _chunked(b"\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("space before a size", _chunked(b" 5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("space after a size", _chunked(b"5 \r\nhello\r\n0\r\n\r\n"), 0, 400, "not in the grammar (RFC 9112, 7.1)"),
    Case("a size of too many digits", _chunked(b"00000000f\r\n"), 0, 400, "eight digits are 4 GiB"),
    Case("a size ended by LF", _chunked(b"5\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size ended by CR", _chunked(b"5\rhello\r\n0\r\n\r\n"), 0, 400),
    Case("an extension with a control character", _chunked(b"5;\x01\r\nhello\r\n0\r\n\r\n"), 0, 400, "as in a field"),
    Case("an extension with a bare LF", _chunked(b"5;a\nb\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("an extension without end", _chunked(b"5;" + b"a" * 300), 0, 400, "256 bytes are enough"),
    Case("a chunk longer than its size", _chunked(b"4\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a chunk shorter than its size", _chunked(b"6\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a chunk ended by LF", _chunked(b"5\r\nhello\n0\r\n\r\n"), 0, 400),
    Case("a trailer", _chunked(b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"), 0, 400, _TRAILER),
    Case("a chunk over the limit", _chunked(b"11\r\n"), 0, 413, "the limit of the route"),
    Case("chunks that add up over the limit", _chunked(b"9\r\n012345678\r\n8\r\n"), 0, 413, "the limit of the route"),
    Case("a good request, then a bad one", _get(b"") + b"GET / HTTP/1.1\r\n\r\n", 1, 400),
)

CASES = ACCEPTED + UNFINISHED + LINES + TARGETS + FIELDS + FRAMING + CHUNKS
