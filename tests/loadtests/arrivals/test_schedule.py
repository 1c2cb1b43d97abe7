import itertools
import math
import statistics

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loadtests.arrivals import schedule
from loadtests.arrivals.schedule import Constant, Poisson, Shape, Spike, Step, TooManyArrivalsError, Trace, offsets

rates = st.floats(0.1, 300)
times = st.floats(0.01, 5)
seeds = st.integers(0, 1 << 32)


@st.composite
def shapes(draw):
    kind = draw(st.sampled_from([Constant, Poisson, Step, Spike]))
    rate, seconds = draw(rates), draw(times)
    if kind is Step:
        return Step(rate=rate, to=draw(rates), steps=draw(st.integers(2, 20)), seconds=seconds)
    if kind is Spike:
        at, lasts = seconds * draw(st.floats(0, 0.5)), seconds * draw(st.floats(0.1, 0.5))
        return Spike(rate=rate, peak=rate + draw(rates), at=at, lasts=lasts, seconds=seconds)
    return kind(rate=rate, seconds=seconds)


@given(shapes(), seeds)
def test_arrivals_never_descend_and_lie_within_the_run(shape, seed):
    due = offsets(shape, seed)
    assert all(one <= other for one, other in itertools.pairwise(due))
    assert all(0 <= each <= shape.seconds * (1 + 1e-9) for each in due)


@given(shapes(), seeds)
def test_the_same_seed_gives_the_same_arrivals(shape, seed):
    assert offsets(shape, seed) == offsets(shape, seed)


@given(rates, times)
def test_constant_has_as_many_as_its_rate_says_evenly_apart(rate, seconds):
    product = rate * seconds
    assume(abs(product - round(product)) > 1e-6)
    due = offsets(Constant(rate=rate, seconds=seconds), 1)
    assert len(due) == math.ceil(product)
    assert due[0] == 0
    assert all(abs(other - one - 1 / rate) < 1e-9 for one, other in itertools.pairwise(due))


def test_constant_of_a_whole_number_has_exactly_that_many():
    assert len(offsets(Constant(rate=2_000, seconds=8), 1)) == 16_000
    assert len(offsets(Constant(rate=1000 / 3, seconds=3), 1)) == 1000


@given(rates, rates, st.integers(2, 20), times)
def test_every_step_has_its_own_rate(first, last, steps, seconds):
    due = offsets(Step(rate=first, to=last, steps=steps, seconds=seconds), 1)
    length = seconds / steps
    for number in range(steps):
        rate = first + (last - first) * number / (steps - 1)
        inside = sum(number * length <= each < (number + 1) * length for each in due)
        assert abs(inside - rate * length) <= 1 + 1e-6 * len(due)


@given(rates, rates, times, times, times)
def test_a_spike_has_its_peak_only_while_it_lasts(rate, more, at, lasts, after):
    shape = Spike(rate=rate, peak=rate + more, at=at, lasts=lasts, seconds=at + lasts + after)
    due = offsets(shape, 1)
    for begin, length, expected in ((0, at, rate), (at, lasts, rate + more), (at + lasts, after, rate)):
        inside = sum(begin <= each < begin + length for each in due)
        assert abs(inside - expected * length) <= 1 + 1e-6 * len(due)


def test_a_spike_may_come_out_of_silence():
    due = offsets(Spike(rate=0, peak=100, at=1, lasts=1, seconds=3), 1)
    assert len(due) == 100
    assert due[0] == pytest.approx(1)
    assert due[-1] < 2


@pytest.mark.parametrize("seed", range(5))
def test_poisson_keeps_its_rate_with_gaps_as_chance_makes_them(seed):
    due = offsets(Poisson(rate=1000, seconds=20), seed)
    assert abs(len(due) - 20_000) < 5 * math.sqrt(20_000)
    gaps = [other - one for one, other in itertools.pairwise(due)]
    # An exponential distribution's mean and deviation are the same.
    assert statistics.stdev(gaps) / statistics.mean(gaps) == pytest.approx(1, abs=0.05)


def test_poisson_differs_by_seed():
    assert offsets(Poisson(rate=10, seconds=5), 1) != offsets(Poisson(rate=10, seconds=5), 2)


def test_a_trace_is_played_as_it_is_or_faster(tmp_path):
    path = tmp_path / "trace"
    path.write_text("0.5\n1 2\n")
    assert list(offsets(Trace(path=path), 1)) == [0.5, 1, 1]
    assert list(offsets(Trace(path=path, speed=2), 1)) == [0.25, 0.5, 0.5]


def test_more_than_memory_holds_is_refused_without_making_them_all(tmp_path, monkeypatch):
    monkeypatch.setattr(schedule, "MAX_ARRIVALS", 100)
    assert len(offsets(Constant(rate=100, seconds=1), 1)) == 100
    path = tmp_path / "trace"
    path.write_text("0 1000000000000\n")
    for shape in (Constant(rate=1e12, seconds=1e12), Poisson(rate=1e12, seconds=1e12), Trace(path=path)):
        with pytest.raises(TooManyArrivalsError, match="more than 100 arrivals"):
            offsets(shape, 1)


def test_a_shape_of_nobodys_is_refused():
    with pytest.raises(ValueError, match="Shape"):
        offsets(Shape(), 1)
