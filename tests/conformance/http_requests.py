r"""Raw request bytes and what is to become of them: the framing rules as examples.

`accepted` is how many complete requests the bytes hold; `status` is the refusal that ends them (0: none; they may also
just be unfinished). `stricter` says why we refuse what h11 accepts; without it the verdicts must be the same.
The body limit is `BODY_LIMIT`, 16 bytes.
"""

from tests.conformance.http_case import Case, chunked, get, line, post
from tests.conformance.smuggling import SMUGGLED

_LENIENT_LF = "h11 takes a bare LF for a line end; a proxy in front may not"
_FOLD = "folded lines are obsolete (RFC 9112, 5.2) and read differently by different parsers"
_PATHS_ONLY = "we are an origin server: only the origin form of a target has a meaning here"
_METHODS = "no route could ever serve the method"
_TRAILER = "nobody who calls us sends trailers, and they are a way to smuggle fields"
_ONE_VALUE = "a field that decides who sent what is never ambiguous"

ACCEPTED = (
    Case("the smallest request", get(b""), 1),
    Case("an empty host", get(b"", b"Host:\r\n"), 1),
    Case("a host with a port", get(b"", b"Host: [::1]:8080\r\n"), 1),
    Case("HTTP/1.0 without a host", b"GET / HTTP/1.0\r\n\r\n", 1),
    Case("HTTP/1.0 with a body", b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", 1),
    Case("a query with everything in it", line(b"GET /a%20b;c?d=e&f=%E4%B8%AD+/?~ HTTP/1.1"), 1),
    Case("a body by length", post(b"Content-Length: 5\r\n", b"hello"), 1),
    Case("an empty body by length", post(b"Content-Length: 0\r\n"), 1),
    Case("a length with zeros in front", post(b"Content-Length: 0005\r\n", b"hello"), 1),
    Case("a length with space around it", post(b"Content-Length: \t5 \r\n", b"hello"), 1),
    Case("a body exactly at the limit", post(b"Content-Length: 16\r\n", b"x" * 16), 1),
    Case("a body whose bytes look like a request", post(b"Content-Length: 16\r\n", b"GET / HTTP/1.1\r\n"), 1),
    Case("a chunked body", chunked(b"5\r\nhello\r\n0\r\n\r\n"), 1),
    Case("a chunked body in pieces", chunked(b"2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n"), 1),
    Case("an empty chunked body", chunked(b"0\r\n\r\n"), 1),
    Case("chunk sizes in either case", chunked(b"A\r\n0123456789\r\n0\r\n\r\n" * 1), 1),
    Case("a chunk extension is ignored", chunked(b'5;a="b"\r\nhello\r\n0;c\r\n\r\n'), 1),
    Case("a coding in upper case", post(b"Transfer-Encoding: CHUNKED\r\n", b"0\r\n\r\n"), 1),
    Case("two in a pipeline", get(b"") + get(b""), 2),
    Case("a body, then another request", post(b"Content-Length: 2\r\n", b"hi") + get(b""), 2),
    Case("chunks, then another request", chunked(b"2\r\nhi\r\n0\r\n\r\n") + get(b""), 2),
    Case("nothing is read after Connection: close", get(b"Connection: close\r\n") + b"\0garbage", 1),
    Case("nothing is read after HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n" + get(b""), 1),
    Case("a field twice", get(b"X-A: 1\r\nx-a: 2\r\n"), 1),
    Case("an empty field", get(b"X-A:\r\n"), 1),
    Case("a field value in UTF-8", get("X-A: 中文\r\n".encode()), 1),
    Case("a tab in a field value", get(b"X-A: a\tb\r\n"), 1),
    Case("space around a colon in a value", get(b"X-A: b : c\r\n"), 1),
    Case("as many fields as there may be", get(b"X-A: 1\r\n" * 99), 1),
    Case("an offer to upgrade is ignored", get(b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), 1),
    Case(
        "an offer to upgrade with a body",
        post(b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", b"hi"),
        1,
    ),
    Case("Expect: 100-continue", post(b"Expect: 100-Continue\r\nContent-Length: 2\r\n", b"hi"), 1),
    Case("any expectation in HTTP/1.0", b"GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", 1),
    Case("a method that has routes elsewhere", line(b"PATCH / HTTP/1.1"), 1),
)

UNFINISHED = (
    Case("nothing", b""),
    Case("half a request line", b"GET / HT"),
    Case("no empty line yet", b"GET / HTTP/1.1\r\nHost: a\r\n"),
    Case("half a line end", b"GET / HTTP/1.1\r\nHost: a\r\n\r"),
    Case("half a body", post(b"Content-Length: 5\r\n", b"he")),
    Case("half a chunk", chunked(b"5\r\nhel")),
    Case("a chunk without its line end", chunked(b"5\r\nhello\r")),
    Case("no last chunk yet", chunked(b"5\r\nhello\r\n")),
    Case("half the end of the last chunk", chunked(b"0\r\n\r")),
    Case("one whole and half of the next", get(b"") + b"GET /", 1),
)

LINES = (
    Case("a bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", 0, 400, _LENIENT_LF),
    Case("a bare LF after a field", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 0, 400, _LENIENT_LF),
    Case("a bare CR in a field", get(b"X: a\rb\r\n"), 0, 400),
    Case("CR CR LF", get(b"X: a\r\r\n"), 0, 400),
    Case("an empty line in front", b"\r\n" + get(b""), 0, 400),
    Case("a folded field", get(b"X: a\r\n b\r\n"), 0, 400, _FOLD),
    Case("a field folded with a tab", get(b"X: a\r\n\tb\r\n"), 0, 400, _FOLD),
    Case("a first field that starts with space", b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 0, 400),
    Case("a request line too long", line(b"GET /" + b"a" * 8192 + b" HTTP/1.1"), 0, 414, "8,192 bytes are enough"),
    Case("a request line without end", b"GET /" + b"a" * 9000, 0, 414, "8,192 bytes are enough"),
    Case("fields too large", get(b"X: " + b"a" * 16_384 + b"\r\n"), 0, 431, "16,384 bytes are enough"),
    Case("fields without end", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000, 0, 431),
    Case("fields too many", get(b"X: y\r\n" * 100), 0, 431, "each field costs time before anyone is authenticated"),
    Case("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, 400),
)

TARGETS = (
    Case("an absolute URI", line(b"GET http://a/ HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("an asterisk", line(b"OPTIONS * HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("a relative path", line(b"GET a HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("a fragment", line(b"GET /#a HTTP/1.1"), 0, 400, "a fragment is never sent (RFC 9110, 7.1)"),
    Case("no target", line(b"GET HTTP/1.1"), 0, 400),
    Case("two spaces", line(b"GET  / HTTP/1.1"), 0, 400),
    Case("a tab for a space", line(b"GET\t/ HTTP/1.1"), 0, 400),
    Case("a space at the end", line(b"GET / HTTP/1.1 "), 0, 400),
    Case("a space in the target", line(b"GET /a b HTTP/1.1"), 0, 400),
    Case("NUL in the target", line(b"GET /\0 HTTP/1.1"), 0, 400),
    Case("a control character in the target", line(b"GET /\x1b HTTP/1.1"), 0, 400),
    Case("DEL in the target", line(b"GET /\x7f HTTP/1.1"), 0, 400),
    Case("a raw UTF-8 target", line("GET /中 HTTP/1.1".encode()), 0, 400),
    Case("a method in lower case", line(b"get / HTTP/1.1"), 0, 501, _METHODS),
    Case("an unknown method", line(b"BREW / HTTP/1.1"), 0, 501, _METHODS),
    Case("CONNECT", line(b"CONNECT a:1 HTTP/1.1"), 0, 501, _METHODS),
    Case("TRACE", line(b"TRACE / HTTP/1.1"), 0, 501, _METHODS),
    Case("a method that is no token", line(b"GE(T / HTTP/1.1"), 0, 400),
    Case("no version", line(b"GET /"), 0, 400),
    Case("a version in lower case", line(b"GET / http/1.1"), 0, 400),
    Case("HTTP/1.2", line(b"GET / HTTP/1.2"), 0, 505, "a version nobody has defined"),
    Case("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505, "not what h11 takes it for either"),
    Case("HTTP/11.1", line(b"GET / HTTP/11.1"), 0, 400),
)

FIELDS = (
    Case("no host", get(b"", b""), 0, 400),
    Case("two hosts", get(b"Host: b\r\n"), 0, 400),
    Case("the same host twice", get(b"host: a\r\n"), 0, 400),
    Case("two hosts in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 0, 400),
    Case("a host that is none", get(b"", b"Host: a/b\r\n"), 0, 400, "RFC 9112, 3.2, asks for 400"),
    Case("a host list", get(b"", b"Host: a b\r\n"), 0, 400, "RFC 9112, 3.2, asks for 400"),
    Case("space before the colon", get(b"X : y\r\n"), 0, 400),
    Case("space in a name", get(b"X Y: z\r\n"), 0, 400),
    Case("an empty name", get(b": y\r\n"), 0, 400),
    Case("no colon", get(b"X\r\n"), 0, 400),
    Case("a name that is no token", get(b"(X): y\r\n"), 0, 400),
    Case("a name beyond ASCII", get(b"\xe9: y\r\n"), 0, 400),
    Case("NUL in a value", get(b"X: a\0b\r\n"), 0, 400),
    Case("a control character in a value", get(b"X: a\x01b\r\n"), 0, 400, "RFC 9110, 5.5: refuse or replace"),
    Case("DEL in a value", get(b"X: a\x7fb\r\n"), 0, 400, "RFC 9110, 5.5: refuse or replace"),
    Case("a vertical tab in a value", get(b"X: a\x0bb\r\n"), 0, 400),
    Case("two authorizations", get(b"Authorization: a\r\nAuthorization: b\r\n"), 0, 400, _ONE_VALUE),
    Case("two content types", get(b"Content-Type: a/b\r\nContent-Type: c/d\r\n"), 0, 400, _ONE_VALUE),
    Case("an unknown expectation", post(b"Expect: tea\r\nContent-Length: 0\r\n"), 0, 417, "RFC 9110, 10.1.1"),
)

FRAMING = (
    Case("two lengths", post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"), 0, 400),
    Case("the same length twice", post(b"Content-Length: 5\r\ncontent-length: 5\r\n", b"hello"), 0, 400, _ONE_VALUE),
    Case("a list of lengths", post(b"Content-Length: 5, 5\r\n", b"hello"), 0, 400, _ONE_VALUE),
    Case("a length with a sign", post(b"Content-Length: +5\r\n", b"hello"), 0, 400),
    Case("a negative length", post(b"Content-Length: -5\r\n", b"hello"), 0, 400),
    Case("a length in hexadecimal", post(b"Content-Length: 0x5\r\n", b"hello"), 0, 400),
    Case("a length with an underscore", post(b"Content-Length: 1_0\r\n", b"0123456789"), 0, 400),
    Case("an empty length", post(b"Content-Length:\r\n"), 0, 400),
    Case("a length beyond any integer", post(b"Content-Length: " + b"9" * 40 + b"\r\n"), 0, 400),
    Case("a length beyond 64 bits", post(b"Content-Length: 18446744073709551617\r\n", b"x"), 0, 400, "it overflows"),
    Case("a length over the limit", post(b"Content-Length: 17\r\n"), 0, 413, "the limit of the route"),
    Case(
        "chunked and a length",
        post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        0,
        400,
        "both",
    ),
    Case(
        "a length and chunked",
        post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"),
        0,
        400,
        "both",
    ),
    Case("chunked twice", post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked in two fields", post(b"Transfer-Encoding: chunked\r\n" * 2, b"0\r\n\r\n"), 0, 400),
    Case("gzip and chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("gzip", post(b"Transfer-Encoding: gzip\r\n"), 0, 400),
    Case("identity", post(b"Transfer-Encoding: identity\r\n"), 0, 400),
    Case("almost chunked", post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked with a vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("chunked with space before the colon", post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 0, 400),
    Case("an empty coding", post(b"Transfer-Encoding:\r\n"), 0, 400),
    Case(
        "chunked in HTTP/1.0",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        0,
        400,
        "HTTP/1.0 has no chunks (RFC 9112, 6.1)",
    ),
)

CHUNKS = (
    Case("a size that is no number", chunked(b"x\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size with a prefix", chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size with a sign", chunked(b"+5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a negative size", chunked(b"-5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("an empty size", chunked(b"\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("space before a size", chunked(b" 5\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("space after a size", chunked(b"5 \r\nhello\r\n0\r\n\r\n"), 0, 400, "not in the grammar (RFC 9112, 7.1)"),
    Case("a size of too many digits", chunked(b"00000000f\r\n"), 0, 400, "eight digits are 4 GiB"),
    Case("a size ended by LF", chunked(b"5\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a size ended by CR", chunked(b"5\rhello\r\n0\r\n\r\n"), 0, 400),
    Case("an extension with a control character", chunked(b"5;\x01\r\nhello\r\n0\r\n\r\n"), 0, 400, "as in a field"),
    Case("an extension with a bare LF", chunked(b"5;a\nb\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("an extension without end", chunked(b"5;" + b"a" * 300), 0, 400, "256 bytes are enough"),
    Case("a chunk longer than its size", chunked(b"4\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a chunk shorter than its size", chunked(b"6\r\nhello\r\n0\r\n\r\n"), 0, 400),
    Case("a chunk ended by LF", chunked(b"5\r\nhello\n0\r\n\r\n"), 0, 400),
    Case("a trailer", chunked(b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"), 0, 400, _TRAILER),
    Case("a chunk over the limit", chunked(b"11\r\n"), 0, 413, "the limit of the route"),
    Case("chunks that add up over the limit", chunked(b"9\r\n012345678\r\n8\r\n"), 0, 413, "the limit of the route"),
    Case("a good request, then a bad one", get(b"") + b"GET / HTTP/1.1\r\n\r\n", 1, 400),
)

CASES = ACCEPTED + UNFINISHED + LINES + TARGETS + FIELDS + FRAMING + CHUNKS + SMUGGLED
