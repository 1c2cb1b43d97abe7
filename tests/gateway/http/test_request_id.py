"""What a request is called."""

import re

import pytest

from gateway.http.request_id import request_id_of


@pytest.mark.parametrize("name", ["lb-17", "a" * 64, "550e8400-e29b-41d4-a716-446655440000", "1-5e/f=+:_."])
def test_a_sane_name_is_kept(name):
    assert request_id_of({b"x-request-id": name.encode()}) == name


@pytest.mark.parametrize("name", [b"", b"a" * 65, b"a b", b'{"level":"error"}', b"a\tb", "名".encode()])
def test_any_other_is_replaced(name):
    assert re.fullmatch("[0-9a-f]{16}", request_id_of({b"x-request-id": name}))


def test_two_requests_without_a_name_have_different_ones():
    assert request_id_of({}) != request_id_of({})
