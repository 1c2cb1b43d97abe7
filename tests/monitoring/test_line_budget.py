"""How many lines a flood may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.line_budget import LineBudget


def test_a_seconds_worth_at_once_and_then_the_rate():
    budget = LineBudget(5)
    assert [budget.admits(100.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert budget.take_left_out() == 2
    assert [budget.admits(100.2), budget.admits(100.2)] == [True, False]
    assert budget.take_left_out() == 1
    assert budget.take_left_out() == 0


def test_less_than_one_a_second_still_writes_the_first():
    budget = LineBudget(0.1)
    assert [budget.admits(second) for second in (0, 5, 10, 15)] == [True, False, True, False]


@pytest.mark.parametrize(("per_second", "admitted"), [(0, False), (float("inf"), True)])
def test_nothing_and_everything(per_second, admitted):
    budget = LineBudget(per_second)
    assert [budget.admits(now) for now in (0, 0, 1, 1000)] == [admitted] * 4


@given(st.lists(st.floats(0, 10), max_size=200), st.floats(0.5, 20))
def test_no_time_sees_more_than_its_share(moments, per_second):
    budget = LineBudget(per_second)
    moments = sorted(moments)
    written = [now for now in moments if budget.admits(now)]
    assert len(written) + budget.take_left_out() == len(moments)
    if written:
        assert len(written) <= max(1, per_second) + (moments[-1] - moments[0]) * per_second + 1e-6
