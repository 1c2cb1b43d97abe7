import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.arrivals.histogram import ERROR_BOUND, Histogram

MICRO = 1_000_000
durations = st.integers(0, 2**36 - 1)
percents = st.floats(0, 100, exclude_min=True)


def filled(values):
    histogram = Histogram()
    for value in values:
        histogram.record(value / MICRO)
    return histogram


def recorded(value):
    """What a histogram takes a duration for: whole microseconds of the float it is given."""
    return int(value / MICRO * MICRO)


@given(st.lists(durations, min_size=1, max_size=200), percents)
def test_a_percentile_lies_at_or_at_most_a_thousandth_above_the_value_it_stands_for(values, percent):
    exact = sorted(map(recorded, values))[max(1, math.ceil(percent * len(values) / 100)) - 1]
    shown = filled(values).percentile(percent) * MICRO
    assert exact - 1e-3 <= shown <= exact * (1 + ERROR_BOUND) + 1e-3


@given(st.lists(durations, min_size=1, max_size=50))
def test_count_and_longest_are_exact(values):
    histogram = filled(values)
    assert histogram.count == len(values)
    assert histogram.max == max(map(recorded, values)) / MICRO
    assert histogram.percentile(100) == histogram.max


@given(st.lists(durations, min_size=1, max_size=50))
def test_percentiles_never_descend(values):
    shown = filled(values).percentiles()
    assert 0 <= shown.p50 <= shown.p90 <= shown.p99 <= shown.p999 <= shown.max


@given(st.lists(durations, max_size=50), durations)
def test_what_is_at_least_that_long_is_counted_within_the_bound(values, limit):
    histogram = filled(values)
    exact = [recorded(value) for value in values]
    assert sum(value >= limit for value in exact) <= histogram.at_least((limit - 1) / MICRO if limit else 0)
    assert histogram.at_least(limit / MICRO) <= sum(value >= limit * (1 - 2 * ERROR_BOUND) - 2 for value in exact)


def test_percentiles_are_milliseconds():
    histogram = Histogram()
    for number in range(1, 1001):
        histogram.record(number / 1000)
    shown = histogram.percentiles()
    assert shown.count == 1000
    for figure, exact in ((shown.p50, 500), (shown.p90, 900), (shown.p99, 990), (shown.p999, 999), (shown.max, 1000)):
        assert figure == pytest.approx(exact, rel=ERROR_BOUND)
    assert shown.mean == pytest.approx(500.5)


def test_nothing_recorded_is_all_zero():
    shown = Histogram().percentiles()
    assert (shown.count, shown.mean, shown.p50, shown.p999, shown.max) == (0, 0, 0, 0, 0)


def test_what_lasts_beyond_the_range_counts_as_its_end():
    histogram = Histogram()
    histogram.record(1e9)
    assert histogram.max == (2**36 - 1) / MICRO


def test_a_negative_duration_is_refused():
    with pytest.raises(ValueError, match="no duration"):
        Histogram().record(-0.5)
