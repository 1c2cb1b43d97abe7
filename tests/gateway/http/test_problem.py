"""Errors as RFC 9457 has them."""

import msgspec

from gateway.http.problem import problem


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


def test_a_problem_may_have_a_type_of_its_own():
    assert msgspec.json.decode(problem(403, "Forbidden", type="urn:x").body)["type"] == "urn:x"
