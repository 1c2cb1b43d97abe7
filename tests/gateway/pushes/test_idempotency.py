"""The header that makes a whole request safe to repeat."""

import pytest

from gateway.http.problem import ProblemError
from gateway.pushes.idempotency import fingerprint, idempotency_key


@pytest.mark.parametrize("value", [b'"8e03978e-40d5"', b"8e03978e-40d5"])
def test_a_key_is_the_same_in_quotes_and_without(value):
    assert idempotency_key({b"idempotency-key": value}) == "8e03978e-40d5"


def test_no_header_is_no_key():
    assert idempotency_key({}) == ""


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b'""',
        b'"a',
        b'a"',
        b"a b",
        b'"a", "b"',
        b"a, b",
        b'"a\\"',
        b"\xe5\x8f\xb7",
        b"a\x01",
        b"k" * 129,
        b'"a";x=1',
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(ProblemError, match="1 to 128 visible ASCII characters"):
        idempotency_key({b"idempotency-key": value})


def test_a_longest_key_is_taken():
    assert idempotency_key({b"idempotency-key": b"k" * 128}) == "k" * 128


def test_every_byte_of_a_request_counts():
    assert fingerprint(b"{}") == fingerprint(b"{}")
    assert fingerprint(b"{}") != fingerprint(b"{} ")
