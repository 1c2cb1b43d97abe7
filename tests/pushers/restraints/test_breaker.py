import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.restraints.breaker import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Breaker


def opened(most: int = 100) -> Breaker:
    breaker = Breaker(most)
    for _ in range(most):
        breaker.failed(0.0)
    return breaker


def test_a_healthy_platform_gets_all():
    breaker = Breaker(100)
    for _ in range(3):
        breaker.failed(0.0)
        for _ in range(9):
            breaker.succeeded()
    assert breaker.window(0.0) == 100


def test_a_dead_platform_gets_one_probe_at_growing_intervals():
    breaker, now, pauses = opened(), 0.0, []
    assert breaker.open
    for _ in range(6):
        assert breaker.window(now) == 0
        pause = breaker.wait_seconds(now)
        pauses.append(pause)
        now += pause
        assert breaker.window(now) == 1
        breaker.failed(now)
    assert pauses == [FIRST_PAUSE_SECONDS, 2, 4, 8, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_after_an_answer_the_pauses_are_short_again():
    breaker, now = opened(), 0.0
    for _ in range(4):
        now += breaker.wait_seconds(now)
        breaker.failed(now)
    breaker.succeeded()
    breaker.failed(now)
    assert breaker.wait_seconds(now) == FIRST_PAUSE_SECONDS


@pytest.mark.parametrize(("good", "left"), [(2, 50), (1, 0)])
def test_of_three_answers_one_may_fail_and_of_two_none(good, left):
    breaker = opened(100)
    for _ in range(50):
        breaker.succeeded()
    for _ in range(100):
        breaker.failed(0.0)
        for _ in range(good):
            breaker.succeeded()
    assert breaker.window(0.0) in {left, left + good}


def test_sends_from_before_it_opened_do_not_lengthen_the_pause():
    breaker = opened()
    for _ in range(50):
        breaker.failed(0.5)
    assert breaker.wait_seconds(0.5) == FIRST_PAUSE_SECONDS - 0.5


def test_a_platform_that_heals_gets_all_again_within_a_few_round_trips():
    breaker, rounds = opened(200), 0
    while breaker.window(10.0) < 200:
        rounds += 1
        for _ in range(breaker.window(10.0)):
            breaker.succeeded()
    assert rounds <= 9


@given(st.lists(st.booleans(), max_size=500), st.integers(1, 300))
def test_the_window_stays_within_its_bounds(answers, most):
    breaker = Breaker(most)
    for now, good in enumerate(answers):
        if good:
            breaker.succeeded()
        else:
            breaker.failed(float(now))
        assert 0 <= breaker.window(float(now)) <= most
