"""An upstream's rate, on a real store."""

import pytest

from queues.keys import upstream_rate
from queues.limits.upstream_rate import BURST_SECONDS, charge

MOST = 10_000

pytestmark = pytest.mark.usefixtures("store_time")


async def test_an_idle_upstream_has_its_whole_burst(store):
    first = await charge(store, "fines", 100, 50, MOST)
    assert (first.admitted, first.wait_seconds) == (True, 0)
    assert first.left == BURST_SECONDS * 50 - 100
    assert first.full_seconds == pytest.approx(2, abs=0.01)


async def test_a_batch_beyond_the_burst_is_admitted_and_paid_for_afterwards(store, store_time):
    large = await charge(store, "fines", 1500, 50, MOST)
    assert (large.admitted, large.left) == (True, 0)
    refused = await charge(store, "fines", 1, 50, MOST)
    assert not refused.admitted
    assert refused.wait_seconds == pytest.approx(20, abs=0.1), "30 s of pushes, 10 s of them for the burst"
    store_time.now += 20.1
    assert (await charge(store, "fines", 1, 50, MOST)).admitted


async def test_refusals_cost_the_upstream_nothing(store):
    await charge(store, "fines", 600, 50, MOST)
    waits = [(await charge(store, "fines", 500, 50, MOST)).wait_seconds for _ in range(3)]
    assert waits == sorted(waits, reverse=True)


async def test_upstreams_do_not_share(store):
    await charge(store, "fines", 5000, 50, MOST)
    assert (await charge(store, "taxes", 1, 50, MOST)).admitted


async def test_over_a_long_time_the_rate_holds(store, store_time):
    """Whatever the batches: what is admitted in a time is at most its rate, the burst and one batch more."""
    taken = 0
    for round_ in range(200):
        answer = await charge(store, "fines", 70, 50, MOST)
        taken += 70 * answer.admitted
        assert taken <= 50 * (round_ * 0.5 + BURST_SECONDS) + 70
        store_time.now += 0.5
    assert taken >= 50 * 100


async def test_a_rate_below_one_push_a_burst_still_admits_one(store):
    assert (await charge(store, "fines", 1, 0.01, MOST)).admitted
    refused = await charge(store, "fines", 1, 0.01, MOST)
    assert refused.wait_seconds == pytest.approx(100, abs=1)


async def test_a_clock_that_went_back_silences_nobody_for_long(store, store_time):
    await charge(store, "fines", 1, 50, MOST)
    store_time.now -= 86_400
    refused = await charge(store, "fines", 1, 50, MOST)
    assert refused.wait_seconds <= MOST / 50 + 0.1
    store_time.now += refused.wait_seconds
    assert (await charge(store, "fines", 1, 50, MOST)).admitted


async def test_the_state_ends_with_the_debt(store):
    await charge(store, "fines", 100, 50, MOST)
    assert 2000 < store.client.pttl(upstream_rate("fines")) <= 3100
