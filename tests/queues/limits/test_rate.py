import math

import pytest
import trio

from queues import keys
from queues.account import ApiLimit
from queues.limits import rate
from queues.limits.rate import (
    AHEAD_SECONDS,
    GOOD_SECONDS,
    GROWING_SECONDS,
    LATE_SECONDS,
    LEAST_PACE,
    LeaseRequest,
    interval_us,
    slice_size,
    slow_down,
)

CITY, API = "city", "template"
FREE = ApiLimit()

pytestmark = pytest.mark.usefixtures("store_time")


async def lease(store, account, api, limit, wanted, **given):
    return await rate.lease(store, LeaseRequest(account=account, api=api, limit=limit, wanted=wanted, **given))


async def test_without_limits_all_that_is_wanted_is_granted(store):
    leased = await lease(store, CITY, API, FREE, 500)
    assert (leased.granted, leased.ordinary) == (500, None)


async def test_tokens_stand_an_interval_apart_and_are_leased_some_time_ahead(store):
    limit = ApiLimit(per_second=1000)
    asked = trio.current_time()
    first = await lease(store, CITY, API, limit, 500)
    answered = trio.current_time()
    assert first.granted == slice_size(1000)
    assert first.interval == pytest.approx((1 + LATE_SECONDS) / 1000)
    assert GOOD_SECONDS - (answered - asked) <= first.good_seconds <= GOOD_SECONDS, "less what nobody can know"
    second = await lease(store, CITY, API, limit, 40)
    assert second.moment - first.moment == pytest.approx(first.granted * first.interval, abs=1e-5)
    while (none := await lease(store, CITY, API, limit, 500)).granted:
        assert none.good_from < trio.current_time() + AHEAD_SECONDS + GOOD_SECONDS
    assert (none.state, 0 <= none.wait_seconds <= AHEAD_SECONDS) == ("rate", True)


async def test_who_leases_seldom_gets_more_at_a_time(store):
    seldom = await lease(store, CITY, API, ApiLimit(per_second=20), 500, slice_seconds=0.5)
    assert seldom.granted == 10


async def test_a_slow_rate_gives_one_token_at_a_time(store):
    limit = ApiLimit(per_second=0.5)
    assert (await lease(store, CITY, API, limit, 5)).granted == 1
    second = await lease(store, CITY, API, limit, 5)
    assert (second.granted, second.state) == (0, "rate")
    assert second.wait_seconds == pytest.approx(interval_us(0.5) / 1e6 - AHEAD_SECONDS, abs=0.001)


async def test_the_first_token_is_as_far_ahead_as_is_asked_for(store):
    limit = ApiLimit(per_second=100)
    asked = trio.current_time()
    assert (await lease(store, CITY, API, limit, 1, lead_seconds=0.05)).good_from >= asked + 0.05


async def test_however_long_the_way_to_the_store_is_a_token_can_be_leased(store):
    leased = await lease(store, CITY, API, ApiLimit(per_second=100), 1, lead_seconds=10)
    assert (leased.granted, leased.state) == (1, "granted")


async def test_without_a_rate_tokens_are_good_at_once_and_for_ever(store):
    leased = await lease(store, CITY, API, FREE, 5)
    assert (leased.good_from, leased.good_seconds) == (-math.inf, math.inf)


async def test_a_clock_that_went_back_an_hour_costs_a_slice_and_not_an_hour(store, store_time):
    limit = ApiLimit(per_second=1000)
    await lease(store, CITY, API, limit, 500)
    store.client.persist(keys.rate(CITY, API))
    store_time.now -= 3600
    after = await lease(store, CITY, API, limit, 500)
    assert (after.granted, after.state) == (0, "rate")
    assert after.wait_seconds < 0.1
    store_time.now += after.wait_seconds
    assert (await lease(store, CITY, API, limit, 500)).granted


async def test_who_leases_less_far_ahead_gets_no_tokens_that_another_has_already(store):
    limit = ApiLimit(per_second=20)
    far = await lease(store, CITY, API, limit, 10, slice_seconds=0.5)
    near = await lease(store, CITY, API, limit, 10)
    assert (far.granted, near.granted, near.state) == (10, 0, "rate")
    again = await lease(store, CITY, API, limit, 1, slice_seconds=1)
    assert again.moment - far.moment == pytest.approx(far.granted * far.interval, abs=1e-5)


@pytest.mark.parametrize(
    ("per_second", "interval"), [(0, 0), (0.5, 2_015_000), (1, 1_015_000), (1.9, 1_015_000), (100, 10_150)]
)
def test_the_interval_leaves_room_for_late_sends(per_second, interval):
    assert interval_us(per_second) == pytest.approx(interval)


async def test_a_pace_that_is_slowed_halves_and_grows_again(store):
    limit = ApiLimit(per_second=1000)
    whole = interval_us(1000) / 1e6
    assert [await slow_down(store, CITY, API) for _ in range(2)] == pytest.approx([0.5, 0.25], abs=0.02)
    assert (await lease(store, CITY, API, limit, 5)).interval == pytest.approx(4 * whole, rel=0.1)
    assert (await lease(store, CITY, "custom", limit, 5)).interval == pytest.approx(whole), "no other API's"
    slowest = [await slow_down(store, CITY, API) for _ in range(9)][-1]
    assert slowest == pytest.approx(LEAST_PACE, abs=0.001)
    store.client.pexpire(keys.pace(CITY, API), int(0.1 * GROWING_SECONDS * 1000))  # most of it has passed
    assert (await lease(store, CITY, API, limit, 5)).interval == pytest.approx(whole / 0.9, rel=0.02)


async def test_the_days_quota_is_exact(store):
    limit = ApiLimit(per_day=10)
    granted = [(await lease(store, CITY, API, limit, 4)).granted for _ in range(4)]
    assert granted == [4, 4, 2, 0]
    last = await lease(store, CITY, API, limit, 4)
    assert last.state == "quota"
    assert 0 < last.wait_seconds <= 86_400


async def test_tokens_that_were_not_used_go_back_into_their_own_days_ledger(store):
    limit = ApiLimit(per_day=10)
    first = await lease(store, CITY, API, limit, 10)
    yesterday = await lease(store, CITY, API, limit, 3, returned=3, returned_day=first.day - 1)
    assert yesterday.granted == 0
    assert (await lease(store, CITY, API, limit, 10, returned=3, returned_day=first.day)).granted == 3


async def test_of_a_day_a_share_is_kept_for_high_priority(store):
    limit = ApiLimit(per_day=10, reserve=0.2)
    first = await lease(store, CITY, API, limit, 6)
    assert (first.granted, first.ordinary) == (6, 8)
    second = await lease(store, CITY, API, limit, 6, ordinary=6)
    assert (second.granted, second.ordinary) == (4, 2)


async def test_what_went_out_with_high_priority_does_not_count_against_the_others(store):
    limit = ApiLimit(per_day=10, reserve=0.2)
    await lease(store, CITY, API, limit, 4)
    assert (await lease(store, CITY, API, limit, 6, ordinary=0)).ordinary == 8


async def test_what_was_claimed_and_not_sent_goes_back_into_the_share(store):
    limit = ApiLimit(per_day=10, reserve=0.2)
    await lease(store, CITY, API, limit, 4, ordinary=4)
    assert (await lease(store, CITY, API, limit, 0, ordinary=-3)).ordinary == 7
