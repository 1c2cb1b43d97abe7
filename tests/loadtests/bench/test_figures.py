import pytest

from loadtests.bench.figures import medians, ratios


def test_a_median_is_taken_of_each_figure_by_itself():
    rows = [{"rate": 1.0, "cpu": 30.0}, {"rate": 3.0, "cpu": 10.0}, {"rate": 2.0, "cpu": 20.0}]
    assert medians(rows) == {"rate": 2.0, "cpu": 20.0}


def test_a_ratio_compares_runs_of_the_same_round():
    ours = [{"rate": 10.0}, {"rate": 100.0}, {"rate": 1.0}]  # the host's speed drifts
    peer = [{"rate": 20.0}, {"rate": 200.0}, {"rate": 2.0}]
    assert ratios(ours, peer, ["rate"]) == {"rate": 0.5}


def test_sides_with_different_numbers_of_rounds_cannot_be_compared():
    with pytest.raises(ValueError, match="shorter"):
        ratios([{"rate": 1.0}, {"rate": 1.0}], [{"rate": 1.0}], ["rate"])
