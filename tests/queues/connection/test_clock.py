"""The store's clock is bounded from both sides by every answer that carries its time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.connection.clock import DRIFT, StoreClock

AHEAD = 1_000_000.0  # the store's clock is so far ahead of ours


def test_one_answer_bounds_it_by_its_round_trip():
    clock = StoreClock()
    clock.observe(10.0, 10.004, AHEAD + 10.001)
    assert clock.surely_reached(AHEAD + 11) == pytest.approx(11.003)
    assert clock.perhaps_reached(AHEAD + 11) == pytest.approx(10.999)


def test_the_quickest_of_many_answers_tells_most_and_slow_ones_spoil_nothing():
    clock = StoreClock()
    clock.observe(10.0, 10.5, AHEAD + 10.25)
    clock.observe(11.0, 11.002, AHEAD + 11.001)
    clock.observe(12.0, 12.5, AHEAD + 12.4)
    assert clock.surely_reached(AHEAD) - clock.perhaps_reached(AHEAD) <= 0.002 + 4 * DRIFT


def test_a_clock_that_was_set_is_believed_at_once():
    clock = StoreClock()
    clock.observe(10.0, 10.002, AHEAD + 10.001)
    clock.observe(11.0, 11.002, AHEAD - 3600 + 11.001)
    assert clock.surely_reached(AHEAD - 3600) == pytest.approx(0.0, abs=0.002)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 0.2)), min_size=1, max_size=50))
def test_the_truth_is_always_within_the_bounds(answers):
    clock, now = StoreClock(), 0.0
    for gap, there, back in answers:
        asked = now + gap
        now = asked + there + back
        clock.observe(asked, now, AHEAD + asked + there)
        assert clock.perhaps_reached(AHEAD) <= 1e-6
        assert clock.surely_reached(AHEAD) >= -1e-6
