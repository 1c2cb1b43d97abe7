"""A second's point shows what happened in that second, and nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.report import series


def known(values):
    return [None if math.isnan(value) else value for value in values]


@given(st.lists(st.floats(0, 9.99)))
def test_counts_lose_and_double_nothing(times):
    counts = series.count_by_second(times, 10)
    assert sum(counts) == len(times)
    assert all(count == sum(int(at) == second for at in times) for second, count in enumerate(counts))


def test_what_lies_outside_is_left_out():
    assert series.count_by_second([-0.1, 0, 0.999, 1, 2], 2) == (2, 1)


def test_percentiles_are_of_values_that_occurred_nearest_rank():
    pairs = [(0.5, float(value)) for value in range(1, 101)]
    found = series.percentiles_by_second(pairs, 1)
    assert (found.p50, found.p99, found.most) == ((50,), (99,), (100,))


def test_a_second_without_values_is_missing_and_not_zero():
    assert known(series.percentiles_by_second([(1.5, 7.0)], 3).p99) == [None, 7, None]


def test_a_run_is_as_long_as_its_last_event(recording):
    assert series.length(recording) == 4


def test_throughput_counts_the_acknowledged_and_the_accepted_once(recording):
    callbacks, pushes = series.throughput(recording, 4)
    assert callbacks.values == (2, 0, 1, 0)
    assert pushes.values == (0, 1, 1, 1)


def test_latency_is_told_in_milliseconds_of_acknowledged_callbacks(recording):
    latency = series.callback_latency(recording, 4)
    assert known(latency.most) == [pytest.approx(30), None, pytest.approx(50), None]


def test_pushes_wait_from_their_202_to_their_first_acceptance(recording):
    high, normal = series.push_waits(recording, 4)
    assert (high.name, normal.name) == ("high", "normal")
    assert known(high.values) == [None, pytest.approx(1.0), None, None]
    assert known(normal.values) == [None, None, pytest.approx(2.0), pytest.approx(3.0)]


def test_shed_are_those_told_to_come_later(recording):
    assert series.shed(recording, 4) == (0, 0, 1, 0)
