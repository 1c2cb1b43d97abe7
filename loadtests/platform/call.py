"""One call of the API on its way from the front door to whoever answers it, and the routes between them."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from loadtests.platform.http_server import Reply, Request
from loadtests.platform.refusal import RefusedError

_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u")


class Call(Struct, frozen=True, gc=False):
    """A call that passed the door, at `now` seconds since the epoch; `answered` is false if its answer will be lost."""

    request: Request
    now: float
    answered: bool = True


Answer = bytes | Reply
"""A body, or a whole reply where the body is no JSON; RefusedError is raised for what is refused."""

A = TypeVar("A")
T = TypeVar("T")


class Route(Struct, Generic[A], frozen=True):
    """Which call a path is. `method` empty allows any; `token`: the call needs an access token.

    `sends`: it sends a message, so that the ledger has a row for it even if it is refused.
    """

    path: str
    api: str
    answer: Callable[[A, Call], Answer]
    method: bytes = b"POST"
    token: bool = True
    sends: bool = False


class Limits(Protocol):
    """What counts the calls of one API."""

    def enter(self, wall: float, monotonic: float, seconds: float) -> int:
        """Count a call; 0 or the errcode."""


class Served(Struct, frozen=True):
    """A route bound to its account and to the quotas of its API."""

    api: str
    method: bytes
    token: bool
    sends: bool
    limits: Limits
    answer: Callable[[Call], Answer]


def bind(routes: Iterable[Route[A]], account: A, limits: Callable[[str], Limits]) -> dict[bytes, Served]:
    """The routes of one account by path; `limits` gives the quotas of an API."""
    return {
        route.path.encode(): Served(
            route.api, route.method, route.token, route.sends, limits(route.api), partial(route.answer, account)
        )
        for route in routes
    }


def has_escapes(body: bytes) -> bool:
    r"""Whether a JSON body writes characters as `\uXXXX`, which the platform refuses (§7.21)."""
    return b"\\u" in body and _ESCAPE.search(body) is not None


def read_body(call: Call, kind: type[T]) -> T:
    """The JSON body as `kind`; refused if empty (44002), with escapes (47002) or of another shape (47001; §4, §5.1)."""
    body = call.request.body
    if not body:
        raise RefusedError(44002)
    if has_escapes(body):
        raise RefusedError(47002)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RefusedError(47001) from error


def encode(**fields: object) -> bytes:
    """The body of an answer, its fields in the order given."""
    return msgspec.json.encode(fields)
