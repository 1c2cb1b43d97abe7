"""Fact sheet §6 and §8: fixed windows, a clock minute and a calendar day in Beijing."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.platform.quotas import ConcurrencyCap, Quotas
from loadtests.platform.windows import FixedWindow

MIDNIGHT = 1_714_147_200.0  # 2024-04-27 00:00 in Beijing


def test_6_the_day_turns_at_midnight_in_beijing():
    quotas = Quotas(per_day=2)
    assert [quotas.enter(MIDNIGHT - 1, 0, 0) for _ in range(3)] == [0, 0, 45009]
    assert quotas.enter(MIDNIGHT, 0, 0) == 0


def test_6_the_minute_is_the_clocks_and_does_not_slide():
    quotas = Quotas(per_minute=2)
    assert [quotas.enter(MIDNIGHT + 59, 0, 0) for _ in range(3)] == [0, 0, 45011]
    assert [quotas.enter(MIDNIGHT + 60, 0, 0) for _ in range(3)] == [0, 0, 45011]


def test_a_call_refused_for_the_minute_costs_nothing_of_the_day():
    quotas = Quotas(per_day=3, per_minute=1)
    assert [quotas.enter(MIDNIGHT, 0, 0) for _ in range(5)] == [0, 45011, 45011, 45011, 45011]
    assert quotas.day.spent == 1


def test_4_1_too_many_calls_at_once_are_answered_system_error():
    quotas = Quotas(concurrency=2)
    assert [quotas.enter(MIDNIGHT, now, 0.05) for now in (0, 0.01, 0.04)] == [0, 0, -1]
    assert quotas.enter(MIDNIGHT, 0.05, 0.05) == 0


def test_no_limit_never_refuses():
    quotas = Quotas()
    assert {quotas.enter(MIDNIGHT, 0, 1) for _ in range(1000)} == {0}


@given(limit=st.integers(1, 20), times=st.lists(st.floats(0, 1000), max_size=200))
def test_no_window_ever_holds_more_than_its_limit(limit, times):
    window = FixedWindow.minute(limit)
    taken = [int(now) // 60 for now in sorted(times) if window.take(now)]
    assert all(taken.count(minute) <= limit for minute in taken)


@given(limit=st.integers(1, 5), gaps=st.lists(st.floats(0, 0.1), max_size=100))
def test_the_cap_never_lets_more_overlap(limit, gaps):
    cap, now, entered = ConcurrencyCap(limit), 0.0, []
    for gap in gaps:
        now += gap
        if cap.enter(now, 0.1):
            entered.append(now)
    assert all(sum(start <= at < start + 0.1 for start in entered if start <= at) <= limit for at in entered)
