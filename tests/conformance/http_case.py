"""A row of the corpus, and the short ways to write its bytes."""

from typing import NamedTuple

BODY_LIMIT = 16


class Case(NamedTuple):
    name: str
    raw: bytes
    accepted: int = 0
    status: int = 0
    stricter: str = ""


def get(fields: bytes, host: bytes = b"Host: a\r\n") -> bytes:
    return b"GET / HTTP/1.1\r\n" + host + fields + b"\r\n"


def post(fields: bytes, body: bytes = b"") -> bytes:
    return b"POST /x HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + body


def chunked(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked\r\n", body)


def line(request_line: bytes) -> bytes:
    return request_line + b"\r\nHost: a\r\n\r\n"
