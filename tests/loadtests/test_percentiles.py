import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.percentiles import percentile


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1, 100)])
def test_a_percentile_is_the_nearest_rank(share, value):
    assert percentile(range(1, 101), share) == value


def test_a_percentile_of_nothing_is_zero():
    assert percentile([], 0.99) == 0


@given(st.lists(st.integers(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_exceeded_by_no_more_than_the_rest(values, share):
    found = percentile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
