"""Repeats are a tenth of what is sent, or one a second; those beyond it stand in line."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pushers.restraints.retry_budget import EARNED_PER_SECOND, LONGEST_SECONDS, MOST, SHARE, RetryBudget


def test_a_few_failures_after_a_good_time_are_repeated_at_once():
    budget = RetryBudget()
    assert [budget.admit(0.0) for _ in range(int(MOST))] == [0.0] * int(MOST)
    assert budget.admit(0.0) > 0


def test_repeats_go_on_when_nothing_else_is_sent():
    budget = RetryBudget()
    while not budget.admit(0.0):
        pass
    assert budget.admit(1 / EARNED_PER_SECOND) == 0.0


def test_those_put_off_come_back_one_after_another_and_not_together():
    budget = RetryBudget()
    while not budget.admit(0.0):
        pass
    waits = [budget.admit(0.0) for _ in range(30)]
    gaps = [after - before for before, after in pairwise(waits)]
    assert min(gaps) > 0
    assert max(waits) <= LONGEST_SECONDS


def test_the_line_moves_faster_when_much_is_sent():
    idle, busy = RetryBudget(), RetryBudget()
    for n in range(5_000):
        busy.sent(n / 1_000)
    while not idle.admit(5.0):
        pass
    while not busy.admit(5.0):
        pass
    assert busy.admit(5.0) < idle.admit(5.0) / 10


def test_on_a_platform_that_is_well_again_repeats_double():
    budget, rounds, left = RetryBudget(), 0, 1_000
    while not budget.admit(0.0):
        pass
    while left:
        rounds += 1
        now = rounds * 1.0
        admitted = sum(budget.admit(now) == 0.0 for _ in range(min(left, 20)))
        for _ in range(admitted):
            budget.answered(now)
        left -= min(left, admitted)
    assert rounds <= 60


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=500))
def test_repeats_never_exceed_their_share(calls):
    budget, now, first, repeats = RetryBudget(), 0.0, 0, 0
    for repeat, gap in calls:
        now += gap
        if repeat:
            repeats += budget.admit(now) == 0.0
        else:
            first += 1
            budget.sent(now)
    assert repeats <= MOST + SHARE * first + EARNED_PER_SECOND * now + 1e-6
