import pytest

from loadtests.bench.metrics_cost import _cost, _starts


def test_the_share_is_that_of_what_is_used_with_metrics_round_by_round():
    cost = _cost([{"cpu": 100.0}, {"cpu": 200.0}, {"cpu": 50.0}], [{"cpu": 97.0}, {"cpu": 194.0}, {"cpu": 49.5}], "cpu")
    assert (cost.with_metrics, cost.without) == (100.0, 97.0)
    assert cost.share == pytest.approx(0.03, abs=0.001)


def test_workers_that_began_are_counted_and_the_supervisor_is_not():
    lines = [
        'tidegate_process_starts_total{role="gateway"} 3.0',
        'tidegate_process_starts_total{role="supervisor"} 1.0',
        'tidegate_process_starts_total{role="pusher"} 2.0',
        'tidegate_processes{role="pusher"} 2.0',
    ]
    assert sum(_starts(lines)) == 5
