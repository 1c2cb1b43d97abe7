"""The sliding window sees what a slow count of every window sees."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.audit.windows import Sliding, by_day, slide

times = st.lists(st.integers(0, 60), max_size=40).map(sorted)


def count(times, begin, length):
    return sum(begin <= at < begin + length for at in times)


@given(times, st.integers(1, 30))
def test_the_peak_is_that_of_the_fullest_window_wherever_it_begins(times, length):
    everywhere = range(-length, 62)
    found = slide(times, length, 0)
    assert found.peak == max(count(times, begin, length) for begin in everywhere)
    if times:
        assert count(times, found.at, length) == found.peak


@given(times, st.integers(1, 30), st.integers(0, 10))
def test_windows_over_the_limit_are_those_of_a_slow_count(times, length, limit):
    # Every send begins a window with itself and what follows it, equal times included.
    slowly = sum(sum(at - begin < length for at in times[position:]) > limit for position, begin in enumerate(times))
    found = slide(times, length, limit)
    assert found.over == slowly
    assert (found.over > 0) == (found.peak > limit)


@given(st.lists(st.floats(1.7e9, 1.7e9 + 5), max_size=40).map(sorted))
def test_times_since_the_epoch_are_compared_exactly(times):
    slowly = max((sum(0 <= at - begin < 1 for at in times) for begin in times), default=0)
    assert slide(times, 1, 0).peak == slowly


def test_a_window_is_half_open():
    assert slide([0.0, 0.5, 1.0], 1, 2) == Sliding(peak=2, at=0.0, over=0)
    assert slide([0.0, 0.5, 0.999], 1, 2) == Sliding(peak=3, at=0.0, over=1)


def test_no_sends_make_no_peak():
    assert slide([], 1, 0) == Sliding(peak=0, at=0, over=0)


def test_a_day_begins_at_midnight_in_beijing():
    midnight = 1_714_060_800  # 2024-04-26 00:00 in Beijing
    assert by_day([midnight - 0.001, midnight, midnight + 86_399.9, midnight + 86_400]) == {
        19_838: 1,
        19_839: 2,
        19_840: 1,
    }
