"""What two scrapes say of the time between them."""

import math

import pytest

from monitoring import names
from runtime.top.scrape import NotMetricsError, parse_scrape
from tests.runtime.top.samples import AFTER, BEFORE, interval


def test_a_rate_is_the_growth_over_the_time_between():
    assert interval().rate(names.CALLBACKS, account="traffic", result="accepted") == pytest.approx(100)


def test_rates_are_summed_over_the_labels_that_are_not_named():
    assert interval().rates(names.CALLBACKS, "result", account="traffic") == pytest.approx(
        {"accepted": 100, "duplicate": 5, "shed": 2}
    )


def test_a_counter_that_went_down_began_anew():
    assert interval(AFTER, BEFORE).rate(names.PUSH_ATTEMPTS, verdict="sent") == pytest.approx(10)


def test_a_series_that_is_new_counts_from_nothing():
    [first] = [line for line in AFTER.splitlines() if 'result="accepted"' in line]
    assert interval(BEFORE.replace('account="traffic"', 'account="x"'), first).rate(names.CALLBACKS) == 100


def test_a_quantile_lies_between_the_edges_of_its_bucket():
    # 980 of 1000 are within 10 ms, the other 20 evenly up to 20 ms: 99 % are within 15.
    assert interval().quantile(0.99, names.CALLBACK_SECONDS) == pytest.approx(0.015)


def test_beyond_the_last_edge_it_is_infinite_and_without_observations_unknown():
    assert interval().quantile(0.99, names.LOOP_LAG_SECONDS) == math.inf
    assert interval(AFTER, AFTER).quantile(0.99, names.LOOP_LAG_SECONDS) is None
    assert interval().quantile(0.99, names.APPEND_SECONDS) is None


def test_gauges_are_those_of_the_later_scrape():
    assert interval().gauge(names.QUEUE_DEPTH, account="traffic") == 420
    assert interval().gauge(names.TOKEN_AGE_SECONDS) is None


@pytest.mark.parametrize("text", ["<html>", "up 1\n", "", "a{b="])
def test_what_is_not_our_metrics_is_refused(text):
    with pytest.raises(NotMetricsError):
        parse_scrape(text, at=0)
