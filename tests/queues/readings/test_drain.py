"""The estimate of when a backlog is through."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.readings.drain import DAY_SECONDS, Outflow, Pace, drain_seconds


def test_without_a_quota_it_is_depth_over_rate():
    assert drain_seconds({"normal": 500}, Outflow(per_second=100)) == {"normal": 5}


def test_an_empty_queue_is_drained():
    assert drain_seconds({"high": 0, "normal": 5}, Outflow(per_second=1, held_seconds=9))["high"] == 0


def test_priorities_share_the_rate_while_they_last():
    """100 high and 100 bulk: while 100 high leave, 100/16 bulk leave too; then bulk has all of it."""
    drains = drain_seconds({"high": 100, "normal": 0, "bulk": 100}, Outflow(per_second=10))
    assert drains["high"] == pytest.approx(10.7)
    assert drains["bulk"] == 20


def test_what_exceeds_todays_quota_goes_on_tomorrow():
    outflow = Outflow(per_second=100, left=1_000, per_day=5_000, reset_seconds=3_600)
    assert outflow.seconds_for(1_000) == 10
    assert outflow.seconds_for(1_100) == 3_601
    assert outflow.seconds_for(6_000) == 3_650
    assert outflow.seconds_for(6_100) == 3_600 + DAY_SECONDS + 1


def test_a_rate_too_slow_for_its_quota_is_what_counts():
    assert Outflow(per_second=1, left=10**6, per_day=10**6, reset_seconds=60).seconds_for(120) == 120


def test_an_api_that_is_held_begins_later():
    assert Outflow(per_second=10, held_seconds=60).seconds_for(100) == 70
    assert Outflow(per_second=10, left=50, per_day=50, reset_seconds=30, held_seconds=60).seconds_for(20) == 62


def test_only_the_quota_counts_where_no_pace_is_known():
    outflow = Outflow(per_second=math.inf, left=5, per_day=100, reset_seconds=3_600)
    assert [outflow.seconds_for(count) for count in (5, 6, 106)] == [0, 3_600, 3_600 + DAY_SECONDS]
    assert Outflow(per_second=math.inf, left=5, per_day=5, reset_seconds=30, held_seconds=30).seconds_for(1) == 30


def test_nothing_leaves_at_no_rate():
    assert Outflow(per_second=0).seconds_for(1) == math.inf
    assert Outflow(per_second=5, left=0, per_day=0).seconds_for(1) == math.inf


@given(
    depths=st.fixed_dictionaries({queue: st.integers(0, 10**6) for queue in ("high", "normal", "bulk")}),
    rate=st.floats(0.1, 1e4),
)
def test_the_last_queue_is_empty_when_everything_has_left(depths, rate):
    outflow = Outflow(per_second=rate)
    assert max(drain_seconds(depths, outflow).values()) == pytest.approx(outflow.seconds_for(sum(depths.values())))


def test_the_pace_is_the_limit_until_something_slower_is_seen():
    pace = Pace()
    assert pace.per_second(100) == 100
    pace.observe(0, 1_000, waiting=True)
    assert pace.per_second(100) == 100
    pace.observe(10, 1_050, waiting=True)
    assert pace.per_second(100) == 5
    assert pace.per_second(0) == 5


def test_a_limit_that_is_not_there_and_was_not_seen_is_not_known():
    assert Pace().per_second(0) is None


def test_sending_little_with_nothing_waiting_says_nothing_of_the_pace():
    pace = Pace()
    pace.observe(0, 1_000, waiting=True)
    pace.observe(10, 1_050, waiting=True)
    pace.observe(20, 1_050, waiting=False)
    assert pace.per_second(100) == 100


def test_a_new_days_ledger_is_no_pace():
    pace = Pace()
    pace.observe(0, 90_000, waiting=True)
    pace.observe(10, 50, waiting=True)
    assert pace.per_second(100) == 100


def test_the_pace_is_smoothed_over_a_minute():
    pace = Pace()
    pace.observe(0, 0, waiting=True)
    pace.observe(10, 100, waiting=True)
    pace.observe(20, 100, waiting=True)
    assert 8 < (pace.per_second(0) or 0) < 10
