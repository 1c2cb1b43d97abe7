from loadtests.arrivals.histogram import Histogram
from loadtests.arrivals.lag import Bounds, why_void


def lagging(*groups):
    histogram = Histogram()
    for count, seconds in groups:
        for _ in range(count):
            histogram.record(seconds)
    return histogram


def test_a_punctual_run_that_skipped_nothing_counts():
    assert why_void(lagging((1000, 0.001)), 0, 1000, Bounds()) == ()


def test_one_in_a_hundred_may_be_late():
    assert why_void(lagging((990, 0.001), (10, 5)), 0, 1000, Bounds()) == ()


def test_more_than_that_makes_it_void_and_says_by_how_much():
    [reason] = why_void(lagging((989, 0.001), (11, 0.05)), 0, 1000, Bounds())
    assert "lag p99 50.0 ms, bound 20 ms" in reason


def test_a_bound_of_ones_own_holds():
    assert why_void(lagging((1000, 0.05)), 0, 1000, Bounds(lag=0.1)) == ()


def test_one_in_a_thousand_may_be_skipped_and_no_more():
    assert why_void(lagging(), 1, 1000, Bounds()) == ()
    [reason] = why_void(lagging(), 2, 1000, Bounds())
    assert "2 arrivals skipped" in reason
    assert "0.20%, bound 0.10%" in reason


def test_both_reasons_are_given():
    assert len(why_void(lagging((10, 1)), 5, 10, Bounds())) == 2


def test_a_run_without_arrivals_is_not_void():
    assert why_void(lagging(), 0, 0, Bounds()) == ()
