"""A store that does not do what it is asked in time: one answer, whatever was asked."""

import pytest
import trio

from gateway.http.problem import ProblemError
from gateway.store_trouble import store_answers_within
from queues.errors import StoreUnavailableError


async def test_what_the_store_does_in_time_goes_on(autojump_clock):
    with store_answers_within(3, "ask again"):
        await trio.sleep(2.9)


async def gone() -> None:
    raise StoreUnavailableError("get: TimeoutError")


@pytest.mark.parametrize("asked", [gone, trio.sleep_forever], ids=["gone", "slow"])
async def test_trouble_is_503_with_what_to_do(autojump_clock, asked):
    with pytest.raises(ProblemError) as refusal, store_answers_within(3, "ask again"):
        await asked()
    response = refusal.value.response
    assert response.status == 503
    assert b"ask again" in response.body
    assert b"TimeoutError" not in response.body
    assert response.headers == ((b"Retry-After", b"1"),)
