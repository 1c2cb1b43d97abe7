"""Errors as `application/problem+json` (RFC 9457)."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec

import msgspec
from msgspec import Struct

from gateway.http.messages import Headers, Response

_Asked = ParamSpec("_Asked")


class Problem(Struct, frozen=True):
    """What was wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, title: str, detail: str = "", headers: Headers = ()) -> Response:
    """An error response; `detail` is shown to the client, so it never holds secrets, OPENIDs or tracebacks."""
    body = Problem("about:blank", title, status, detail)
    return Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers,
    )


class ProblemError(Exception):
    """Ends the handling of a request with an error response: raised where the reason is found (see `answering`)."""

    def __init__(self, status: int, title: str, detail: str = "", headers: Headers = ()) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.response = problem(status, title, detail, headers)


def answering(handler: Callable[_Asked, Awaitable[Response]]) -> Callable[_Asked, Awaitable[Response]]:
    """The handler, whose ProblemError is its answer."""

    @wraps(handler)
    async def answered(*args: _Asked.args, **kwargs: _Asked.kwargs) -> Response:
        try:
            return await handler(*args, **kwargs)
        except ProblemError as error:
            return error.response

    return answered
