"""The known ways to make two parsers read one stream differently, and what arrives at a port that is not HTTP at all.

Sources: RFC 9112, section 11.2; the published tables of request-smuggling variants (CL.TE, TE.CL, TE.TE, CL.0, h2c,
chunk extensions); what internet-wide scanners send.
"""

from tests.conformance.http_case import Case, chunked, get, line, post

_HIDDEN = b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"  # what an attacker hopes is read as a request of its own
_LAST = b"0\r\n\r\n"
_BOTH = "RFC 9112, 6.3: ought to be handled as an error"
_FOLD = "folded lines are obsolete (RFC 9112, 5.2) and read differently by different parsers"
_TRAILER = "nobody who calls us sends trailers, and they are a way to smuggle fields"
_ONE_VALUE = "a field that decides who sent what is never ambiguous"
_PATHS_ONLY = "we are an origin server: only the origin form of a target has a meaning here"
_CONTROL = "RFC 9110, 5.5: refuse or replace"
_WAITS = "nothing that may follow can mend it; h11 waits all the same"
_EXTENSION = "256 bytes of size line are enough"

LENGTHS = (
    Case("a length and an empty one", post(b"Content-Length: 5\r\nContent-Length:\r\n", b"hello"), 0, 400),
    Case("a length with a comma after it", post(b"Content-Length: 5,\r\n", b"hello"), 0, 400),
    Case("a length with a space inside", post(b"Content-Length: 1 0\r\n", b"0123456789"), 0, 400),
    Case("a length with a fraction", post(b"Content-Length: 5.0\r\n", b"hello"), 0, 400),
    Case("a length with an exponent", post(b"Content-Length: 1e1\r\n", b"0123456789"), 0, 400),
    Case("a length in octal", post(b"Content-Length: 0o5\r\n", b"hello"), 0, 400),
    Case("a length in other digits", post("Content-Length: \u0665\r\n".encode(), b"hello"), 0, 400),
    Case("a length in quotes", post(b'Content-Length: "5"\r\n', b"hello"), 0, 400),
    Case("a length with NUL after it", post(b"Content-Length: 5\0\r\n", b"hello"), 0, 400),
    Case("a length with a vertical tab", post(b"Content-Length: \x0b5\r\n", b"hello"), 0, 400),
    Case("a folded length", post(b"Content-Length:\r\n 5\r\n", b"hello"), 0, 400, _FOLD),
    Case("a length with space before the colon", post(b"Content-Length : 5\r\n", b"hello"), 0, 400),
    Case("a length with an underscore in its name", post(b"Content_Length: 5\r\n") + get(b""), 2),
    Case("a length of zero and a hidden request", post(b"Content-Length: 0\r\n", _HIDDEN), 2),
    Case("no length and a hidden request", post(b"", _HIDDEN), 2),
    Case("GET with a body", get(b"Content-Length: 5\r\n") + b"hello" + get(b""), 2),
    Case("HEAD with a body", b"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + get(b""), 2),
    Case(
        "DELETE with a chunked body", b"DELETE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + _LAST, 1
    ),
    Case("a length named in Connection", post(b"Connection: Content-Length\r\nContent-Length: 2\r\n", b"hi"), 1),
)

CODINGS = (
    Case(
        "a length of zero, then chunks",
        post(b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", _LAST),
        0,
        400,
        _BOTH,
    ),
    Case(
        "chunks that hide a request",
        post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", _LAST + _HIDDEN),
        0,
        400,
        _BOTH,
    ),
    Case("chunked with a parameter", post(b"Transfer-Encoding: chunked;q=1\r\n", _LAST), 0, 400),
    Case("chunked in quotes", post(b'Transfer-Encoding: "chunked"\r\n', _LAST), 0, 400),
    Case("chunked and identity", post(b"Transfer-Encoding: chunked, identity\r\n", _LAST), 0, 400),
    Case("chunked with a comma after it", post(b"Transfer-Encoding: chunked,\r\n", _LAST), 0, 400),
    Case("chunked with a comma before it", post(b"Transfer-Encoding: ,chunked\r\n", _LAST), 0, 400),
    Case(
        "chunked, then an unknown coding",
        post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", _LAST),
        0,
        400,
    ),
    Case(
        "an unknown coding, then chunked",
        post(b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", _LAST),
        0,
        400,
    ),
    Case("chunked with a no-break space", post(b"Transfer-Encoding: \xa0chunked\r\n", _LAST), 0, 400),
    Case("chunked with NUL in it", post(b"Transfer-Encoding: chunk\0ed\r\n", _LAST), 0, 400),
    Case("chunked with a form feed", post(b"Transfer-Encoding: chunked\x0c\r\n", _LAST), 0, 400),
    Case("chunked, folded", post(b"Transfer-Encoding:\r\n chunked\r\n", _LAST), 0, 400, _FOLD),
    Case("chunked, folded from another field", post(b"X: y\r\n\tTransfer-Encoding: chunked\r\n"), 0, 400, _FOLD),
    Case("chunked behind a bare CR", post(b"X: y\rTransfer-Encoding: chunked\r\n"), 0, 400),
    Case(
        "chunked behind a bare LF", post(b"X: y\nTransfer-Encoding: chunked\r\n", _LAST), 0, 400, "h11 takes a bare LF"
    ),
    Case("chunked with an underscore in its name", post(b"Transfer_Encoding: chunked\r\n") + get(b""), 2),
    Case("chunked with a tab before the colon", post(b"Transfer-Encoding\t: chunked\r\n", _LAST), 0, 400),
    Case(
        "space around chunked",
        post(b"Transfer-Encoding: \t chunked \t\r\n", _LAST),
        0,
        400,
        "space behind a coding is a known disguise",
    ),
    Case("TE promises nothing", post(b"TE: trailers, chunked\r\n"), 1),
    Case(
        "chunked named in Connection",
        post(b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", _LAST),
        1,
    ),
)

CHUNK_ENDS = (
    Case("a last chunk of many zeros", chunked(b"00000000\r\n\r\n"), 1),
    Case("a last chunk of nine zeros", chunked(b"000000000\r\n\r\n"), 0, 400, "eight digits are 4 GiB"),
    Case("a last chunk with a prefix", chunked(b"0x0\r\n\r\n"), 0, 400),
    Case(
        "a size beyond 64 bits", chunked(b"10000000000000005\r\nhello\r\n" + _LAST), 0, 400, "it wraps to 5 elsewhere"
    ),
    Case("a size with an underscore", chunked(b"1_0\r\n" + b"x" * 16 + b"\r\n" + _LAST), 0, 400),
    Case("a size with NUL after it", chunked(b"5\0\r\nhello\r\n" + _LAST), 0, 400),
    Case(
        "a size with a tab after it", chunked(b"5\t\r\nhello\r\n" + _LAST), 0, 400, "not in the grammar (RFC 9112, 7.1)"
    ),
    Case("an extension without a name", chunked(b"5;\r\nhello\r\n" + _LAST), 1),
    Case(
        "space before an extension",
        chunked(b"5 ;a=b\r\nhello\r\n" + _LAST),
        0,
        400,
    ),
    Case("an extension with a bare CR", chunked(b"5;a\rb\r\nhello\r\n" + _LAST), 0, 400, _CONTROL),
    Case("an extension with a line end in quotes", chunked(b'5;a="\r\n"\r\nhello\r\n' + _LAST), 0, 400),
    Case("an extension at the limit", chunked(b"5;" + b"a" * 254 + b"\r\nhello\r\n" + _LAST), 1),
    Case("an extension over the limit", chunked(b"5;" + b"a" * 255 + b"\r\nhello\r\n" + _LAST), 0, 400, _EXTENSION),
    Case("data that is not followed by a line end", chunked(b"5\r\nhelloXX0\r\n\r\n"), 0, 400),
    Case("data followed by a bare CR", chunked(b"5\r\nhello\r0\r\n\r\n"), 0, 400),
    Case("a last chunk ended by LF", chunked(b"5\r\nhello\r\n0\n\n"), 0, 400, _WAITS),
    Case("an end of LF", chunked(b"0\r\n\n"), 0, 400, "h11 takes a bare LF"),
    Case("an end of CR and something", chunked(b"0\r\n\rX"), 0, 400, _WAITS),
    Case("a trailer that names the sender", chunked(b"0\r\nAuthorization: b\r\n\r\n"), 0, 400, _TRAILER),
    Case("a trailer that frames", chunked(b"0\r\nContent-Length: 5\r\n\r\n"), 0, 400, _TRAILER),
    Case("a hidden request for a trailer", chunked(b"0\r\n" + _HIDDEN), 0, 400),
    Case("a request behind the last chunk", chunked(_LAST + _HIDDEN), 2),
    Case("a line end behind the last chunk", chunked(_LAST + b"\r\n") + get(b""), 1, 400),
)

PIPELINES = (
    Case("five in a pipeline", get(b"") * 5, 5),
    Case(
        "all framings in a pipeline",
        post(b"Content-Length: 2\r\n", b"hi") + chunked(b"2\r\nhi\r\n" + _LAST) + get(b""),
        3,
    ),
    Case("a line end behind a body", post(b"Content-Length: 2\r\n", b"hi\r\n") + get(b""), 1, 400),
    Case(
        "a body one byte too long",
        post(b"Content-Length: 2\r\n", b"hi!") + get(b""),
        1,
        400,
        "no method begins with a mark",
    ),
    Case("nothing is read behind a refusal", b"GET /\0 HTTP/1.1\r\n\r\n" + get(b""), 0, 400),
    Case("the last one closes", get(b"") + get(b"Connection: close\r\n") + get(b""), 2),
    Case("close among other options", get(b"Connection: keep-alive, Close\r\n") + get(b""), 1),
    Case("close in a second field", get(b"Connection: keep-alive\r\nConnection: close\r\n") + get(b""), 1),
    Case("close as a part of an option", get(b"Connection: closed, x-close\r\n") + get(b""), 2),
    Case("HTTP/1.0 asks to stay", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get(b""), 1),
    Case(
        "an expectation twice",
        post(b"Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 0\r\n"),
        0,
        400,
        _ONE_VALUE,
    ),
    Case("two expectations", post(b"Expect: 100-continue, tea\r\nContent-Length: 0\r\n"), 0, 417, "RFC 9110, 10.1.1"),
    Case("an expectation without a body", get(b"Expect: 100-continue\r\n"), 1),
    Case("an expectation of chunks", post(b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", _LAST), 1),
)

HOSTS_AND_TARGETS = (
    Case("a secure absolute URI", line(b"GET https://a/ HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("an authority", line(b"GET a:80 HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("two slashes", line(b"GET //b/ HTTP/1.1"), 1),
    Case("dots are left as they are", line(b"GET /a/../b HTTP/1.1"), 1),
    Case("an encoded NUL is left as it is", line(b"GET /%00 HTTP/1.1"), 1),
    Case("a backslash", line(b"GET /\\a HTTP/1.1"), 1),
    Case("a query alone", line(b"GET ?a HTTP/1.1"), 0, 400, _PATHS_ONLY),
    Case("a line end in the target", line(b"GET /a\r\nX: HTTP/1.1"), 0, 400),
    Case("a form feed for a space", line(b"GET /\x0cHTTP/1.1"), 0, 400),
    Case("a host with a user", get(b"", b"Host: u@a\r\n"), 0, 400, "RFC 9112, 3.2: a host has no user"),
    Case("a host with NUL", get(b"", b"Host: a\0b\r\n"), 0, 400),
    Case("a host folded in", b"GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n", 0, 400, _FOLD),
    Case("a host with space before the colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 0, 400),
    Case("a path for another router", get(b"X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n"), 1),
    Case("a method for another router", get(b"X-HTTP-Method-Override: DELETE\r\n"), 1),
    Case("a field of many kilobytes", get(b"X: " + b"a" * 8000 + b"\r\n"), 1),
    Case("a name of many kilobytes", get(b"X" * 8000 + b": y\r\n"), 1),
)

OTHER_PROTOCOLS = (
    Case("HTTP/0.9", b"GET /\r\n", 0, 0),
    Case("HTTP/0.9 with an empty line", b"GET /\r\n\r\n", 0, 400),
    Case("HTTP/0.9 by name", line(b"GET / HTTP/0.9"), 0, 505, "a version before fields"),
    Case("HTTP/3 by name", line(b"GET / HTTP/3"), 0, 400),
    Case(
        "HTTP/2 with its settings", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 0, 505, "it is not HTTP/1.1"
    ),
    Case(
        "HTTP/2 by upgrade",
        get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
        1,
    ),
    Case("a WebSocket", get(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"), 1),
    Case("the PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get(b""), 0, 400),
    Case("the PROXY protocol in binary", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 0, 400),
    Case("the store's own protocol", b"*1\r\n$4\r\nPING\r\n", 0, 400, _WAITS),
    Case("a store's command in line", b"CONFIG SET dir /tmp\r\n\r\n", 0, 400),
    Case("SSH", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", 0, 400),
    Case("SMTP", b"EHLO a\r\n\r\n", 0, 400),
    Case("SOCKS", b"\x04\x01\0\x50\x7f\0\0\1\0", 0, 400),
    Case("remote desktop", b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\x03\0\0\0", 0, 400),
    Case("a byte order mark in front", b"\xef\xbb\xbf" + get(b""), 0, 400),
    Case("UTF-16", "GET / HTTP/1.1\r\n\r\n".encode("utf-16-le"), 0, 400, _WAITS),
    Case("a space in front", b" " + get(b""), 0, 400),
    Case("NUL in front", b"\0" + get(b""), 0, 400),
)

SMUGGLED = LENGTHS + CODINGS + CHUNK_ENDS + PIPELINES + HOSTS_AND_TARGETS + OTHER_PROTOCOLS
