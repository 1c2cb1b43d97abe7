"""Errors as RFC 9457 has them."""

import msgspec
import pytest

from gateway.http.messages import Response
from gateway.http.problem import ProblemError, answering, problem


def test_a_problem_has_the_members_of_the_contract():
    response = problem(429, "Too Many Requests", "the queue is full", headers=((b"retry-after", b"5"),))
    assert response.status == 429
    assert response.content_type == "application/problem+json"
    assert response.headers == ((b"retry-after", b"5"),)
    assert msgspec.json.decode(response.body) == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "the queue is full",
    }


async def test_what_a_handler_raises_is_its_answer():
    @answering
    async def handler(wanted: int) -> Response:
        if wanted:
            raise ProblemError(wanted, "No", "not this one", ((b"retry-after", b"5"),))
        return Response(body=b"yes")

    assert (await handler(0)).body == b"yes"
    assert await handler(503) == problem(503, "No", "not this one", ((b"retry-after", b"5"),))


async def test_a_bug_is_no_answer():
    @answering
    async def handler() -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await handler()
