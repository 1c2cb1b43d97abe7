import trio
from hypothesis import given
from hypothesis import strategies as st

from queues.account import ApiLimit
from queues.keys import rate
from queues.rate import VALID_SECONDS, interval_us, lease, park, slice_size, stop_account

CITY, API = "city", "template"
FREE = ApiLimit()


async def test_without_limits_all_that_is_wanted_is_granted(store):
    assert (await lease(store, CITY, API, FREE, 500)).granted == 500


async def test_a_lease_is_a_slice_of_the_rate_and_the_next_must_wait(store):
    limit = ApiLimit(per_second=1000)
    first = await lease(store, CITY, API, limit, 500)
    assert first.granted == 20
    second = await lease(store, CITY, API, ApiLimit(per_second=1), 1)
    assert (second.granted, second.state) == (0, "rate")
    assert 0 < second.wait_seconds <= 1.1


async def test_a_clock_that_went_back_an_hour_costs_a_slice_and_not_an_hour(store):
    limit = ApiLimit(per_second=1000)
    await lease(store, CITY, API, limit, 500)
    ahead = float(store.client.get(rate(CITY, API))) + 3_600_000_000
    store.client.set(rate(CITY, API), ahead, px=60_000)
    after = await lease(store, CITY, API, limit, 500)
    assert (after.granted, after.state) == (0, "rate")
    assert after.wait_seconds < 0.1
    with trio.fail_after(3):
        while not (await lease(store, CITY, API, limit, 500)).granted:
            pass


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


async def test_a_parked_api_grants_nothing_and_leaves_the_others_alone(store):
    await park(store, CITY, API, 60)
    parked = await lease(store, CITY, API, FREE, 1)
    assert (parked.granted, parked.state) == (0, "parked")
    assert 59 < parked.wait_seconds <= 60
    assert (await lease(store, CITY, "custom", FREE, 1)).granted == 1


async def test_a_stopped_account_grants_nothing_and_says_why(store):
    await stop_account(store, CITY, "errcode 40125: invalid appsecret", 60)
    stopped = await lease(store, CITY, "custom", FREE, 1)
    assert (stopped.granted, stopped.state, stopped.reason) == (0, "stopped", "errcode 40125: invalid appsecret")
    assert (await lease(store, "uni", API, FREE, 1)).granted == 1


def grant(times: list[float], per_second: float) -> list[float]:
    """The script's arithmetic: greedy leases asked for at these times (µs); when each token was granted."""
    interval, most = interval_us(per_second), slice_size(per_second)
    granted, full = [], 0.0
    for now in times:
        full = max(full, now)
        tokens = int((now + most * interval - full) // interval)
        if tokens > 0:
            granted += [now] * tokens
            full += tokens * interval
    return granted


@given(
    per_second=st.integers(1, 10_000),
    gaps=st.lists(st.floats(0, 2e5), min_size=1, max_size=200),
    lateness=st.lists(st.floats(0, VALID_SECONDS * 1e6), min_size=1, max_size=50),
)
def test_no_window_of_a_second_ever_sees_more_than_the_rate(per_second, gaps, lateness):
    times, now = [], 0.0
    for gap in gaps:
        now += gap
        times.append(now)
    sends = sorted(when + lateness[i % len(lateness)] for i, when in enumerate(grant(times, per_second)))
    for i, start in enumerate(sends):
        within = sum(1 for later in sends[i : i + per_second + 1] if later < start + 1e6)
        assert within <= per_second
