"""Errors as `application/problem+json` (RFC 9457)."""

import msgspec
from msgspec import Struct

from gateway.http.messages import Response


class Problem(Struct, frozen=True):
    """What was wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


def problem(
    status: int,
    title: str,
    detail: str = "",
    type: str = "about:blank",  # noqa: A002  # the member's name in RFC 9457
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Response:
    """An error response; `detail` is shown to the client, so it never holds secrets, OPENIDs or tracebacks."""
    body = Problem(type, title, status, detail)
    return Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers,
    )
