"""Fact sheet §8: how long answers take."""

import pytest

from loadtests.platform.latency import Latency, LatencyRules


def draws(count=1001, **rules):
    latency = Latency(LatencyRules(**rules), seed=1)
    return sorted(latency.draw() for _ in range(count))


def test_fixed_is_always_the_same():
    assert set(draws(typical=0.05)) == {0.05}
    assert set(draws(typical=0.05, shape="fixed", jitter=2)) == {0.05}


def test_lognormal_spreads_around_its_median():
    drawn = draws(typical=0.05, jitter=0.5)
    assert drawn[500] == pytest.approx(0.05, rel=0.15)
    assert drawn[0] < 0.03
    assert drawn[-1] > 0.1


def test_exponential_has_the_mean_that_was_asked_for():
    drawn = draws(10_000, typical=0.05, shape="exponential")
    assert sum(drawn) / len(drawn) == pytest.approx(0.05, rel=0.05)


def test_two_points_are_a_fixed_time_with_a_slow_tail():
    drawn = draws(10_000, typical=0.05, shape="fixed", slow_share=0.1, slow=2)
    assert set(drawn) == {0.05, 2}
    assert drawn.count(2) == pytest.approx(1000, rel=0.15)


def test_a_seed_repeats_them():
    assert draws(typical=1, jitter=1) == draws(typical=1, jitter=1)
