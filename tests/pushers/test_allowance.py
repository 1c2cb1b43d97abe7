"""Tokens are spent at their moments, and void some time after."""

import math

import pytest
from msgspec import structs

from pushers.allowance import Allowance
from tests.pushers.makers import leased


@pytest.fixture
def allowance() -> Allowance:
    return Allowance()


def test_each_token_is_spent_at_its_moment_and_says_until_when_it_may_be_used(allowance):
    allowance.add(leased(3))
    assert allowance.spend(99.999, 10) == []
    assert allowance.spend(100.001, 10) == pytest.approx([100.015])
    assert allowance.good_from() == pytest.approx(100.01)
    assert allowance.spend(100.0205, 10) == pytest.approx([100.025, 100.035])
    assert (allowance.held, allowance.unused, allowance.good_from()) == (0, 0, math.inf)


def test_no_more_are_spent_than_are_asked_for(allowance):
    allowance.add(leased(3))
    assert len(allowance.spend(100.011, 1)) == 1
    assert allowance.held == 2


def test_a_token_whose_time_is_over_is_void_and_counted(allowance):
    allowance.add(leased(3))
    assert allowance.spend(100.0301, 10) == pytest.approx([100.035])
    assert (allowance.held, allowance.unused) == (0, 2)


def test_the_next_tokens_are_given_up_and_counted(allowance):
    allowance.add(leased(2))
    allowance.add(leased(2, good_from=100.02))
    assert allowance.forfeit(3) == 3
    assert (allowance.held, allowance.unused) == (1, 3)
    assert allowance.good_from() == pytest.approx(100.03)
    assert allowance.forfeit(3) == 1
    assert (allowance.held, allowance.unused, allowance.good_from()) == (0, 4, math.inf)


def test_leases_are_used_one_after_another(allowance):
    allowance.add(leased(2))
    allowance.add(leased(2, good_from=100.02))
    assert allowance.good_from(3) == pytest.approx(100.03)
    assert len(allowance.spend(100.0201, 10)) == 2
    assert (allowance.held, allowance.unused) == (1, 1)


def test_how_many_will_have_come_good_by_some_moment(allowance):
    allowance.add(leased(2))
    allowance.add(leased(2, good_from=100.02))
    assert [allowance.good_by(moment) for moment in (99.9, 100.001, 100.025, 101)] == [0, 1, 3, 4]


def test_without_a_rate_all_are_good_at_any_time(allowance):
    allowance.add(leased(2, good_from=-math.inf, good_seconds=math.inf, interval=0))
    allowance.add(leased(2, good_from=-math.inf, good_seconds=math.inf, interval=0))
    assert allowance.spend(1e9, 3) == [math.inf] * 3
    assert allowance.good_from() == -math.inf


def test_what_is_given_back_is_unused(allowance):
    allowance.add(leased(3))
    allowance.give_back()
    assert (allowance.held, allowance.unused, allowance.spend(100.0, 3)) == (0, 3, [])


def test_tokens_have_moments_on_the_stores_clock_whatever_was_spent_before(allowance):
    allowance.add(structs.replace(leased(4), moment=1_714_112_445.25))
    moments = allowance.moments(100.0)
    assert moments == [1_714_112_445_250_000 + n * 10_000 for n in range(4)]
    allowance.spend(100.01, 1)
    assert allowance.moments(100.01) == moments[1:]
    assert allowance.moments(100.03) == moments[2:], "a void one is none"
