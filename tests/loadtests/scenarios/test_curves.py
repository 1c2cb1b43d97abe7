"""The courses of load are plain functions, and are looked at without Locust."""

import pytest

from loadtests.scenarios import curves
from loadtests.scenarios.catalog import SCENARIOS

ALL = sorted({scenario.curve for scenario in SCENARIOS.values()}, key=lambda curve: curve.__name__)


@pytest.mark.parametrize("curve", ALL)
def test_heights_are_never_negative_and_somebody_comes(curve):
    heights = curves.heights(curve)
    assert len(heights) == curves.STEPS
    assert min(heights) >= 0
    assert max(heights) > 0


def test_nobody_comes_before_the_window_pops_up():
    heights = curves.heights(curves.pop_up)
    assert max(heights[:100]) == 0
    assert min(heights[100:]) > 0


def test_most_of_a_wave_comes_at_its_beginning_and_its_tail_is_long():
    heights = curves.heights(curves.pop_up)
    assert sum(heights[100:550]) > 0.8 * sum(heights)
    assert 0.02 < heights[-1] / max(heights) < 0.1


def test_a_surge_comes_within_an_instant_and_is_held():
    assert curves.surge(0.1) == 20 * curves.surge(0.0999)
    assert {curves.surge(passed / 100) for passed in range(10, 60)} == {1.0}
    assert curves.surge(1.0) < 0.05


def test_a_storm_is_at_full_force_almost_at_once_and_leaves_stragglers():
    assert curves.storm(0.05) == curves.storm(0.5) == 1.0
    assert 0 < curves.storm(1.0) < 0.05


def test_a_city_sleeps_at_night_and_is_busiest_in_the_morning():
    by_hour = [curves.day(hour / 24) for hour in range(24)]
    assert max(by_hour[0:5]) < 0.1
    assert max(by_hour) == max(by_hour[8:11])
    assert by_hour[20] > by_hour[22] > by_hour[23]


def test_the_stairs_go_up_to_ten_and_back():
    assert [curves.stairs(step / 5 + 0.1) for step in range(5)] == [1, 2, 5, 10, 1]
    assert curves.stairs(1.0) == 1
