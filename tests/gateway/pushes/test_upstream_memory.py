"""How much of one upstream's requests a gateway holds."""

import pytest

from gateway.http.problem import ProblemError
from gateway.pushes.upstream_memory import MOST_BYTES, UpstreamMemory


def test_what_is_held_is_bounded_and_comes_free():
    memory = UpstreamMemory("fines")
    with memory.hold(MOST_BYTES - 10), memory.hold(10):
        with pytest.raises(ProblemError, match="429 No room for pushes") as refusal, memory.hold(1):
            pass
        assert (b"Retry-After", b"1") in refusal.value.response.headers
    with memory.hold(MOST_BYTES):
        pass


def test_a_request_larger_than_the_bound_is_let_in_alone():
    memory = UpstreamMemory("fines")
    with memory.hold(2 * MOST_BYTES), pytest.raises(ProblemError), memory.hold(2 * MOST_BYTES):
        pass
