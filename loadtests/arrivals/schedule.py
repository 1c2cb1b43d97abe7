"""When arrivals are due: pure and seeded, computed before the clock starts.

How it works: every shape but Poisson and a trace is a row of stretches, each of one rate. The k-th arrival is due where
the area under the rates reaches k, so a change of rate neither drops nor doubles one.
"""

import random
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from loadtests.arrivals.trace import read_trace

MAX_ARRIVALS: Final = 500_000
"""Each costs 8 bytes here and about 1.2 KB as a signed payload (see payloads.py): 600 MB at most."""

_ROUNDING = 1e-9


class Shape(Struct, frozen=True, kw_only=True):
    """A course of arrivals. Rates a second, times in seconds from the start."""


class Constant(Shape, frozen=True, kw_only=True):
    """One every `1 / rate`, the first at 0."""

    rate: float
    seconds: float


class Poisson(Shape, frozen=True, kw_only=True):
    """Independent arrivals, as of many people who do not know of each other: exponential gaps."""

    rate: float
    seconds: float


class Step(Shape, frozen=True, kw_only=True):
    """From `rate` to `to` in `steps` equal steps of rate (both ends included), each `seconds / steps` long."""

    rate: float
    to: float
    steps: int
    seconds: float


class Spike(Shape, frozen=True, kw_only=True):
    """`rate`, but `peak` from `at` on for `lasts`; `seconds` in all."""

    rate: float
    peak: float
    at: float
    lasts: float
    seconds: float


class Trace(Shape, frozen=True, kw_only=True):
    """What a file says; `speed` 2 plays it in half the time."""

    path: Path
    speed: float = 1.0


class Stretch(Struct, frozen=True):
    """A time of one rate; a rate of 0 is a pause."""

    rate: float
    seconds: float


class TooManyArrivalsError(ValueError):
    """The shape asks for more than fits in memory once signed."""


def offsets(shape: Shape, seed: int) -> "array[float]":
    """When each arrival is due, in seconds from the start, never descending.

    Raises TraceError for a file that is no trace, OSError for one that cannot be read, TooManyArrivalsError, and
    ValueError for a shape that is not among those above.
    """
    match shape:
        case Constant():
            due = _of_stretches([Stretch(shape.rate, shape.seconds)])
        case Poisson():
            due = _of_poisson(shape, random.Random(seed))
        case Step():
            due = _of_stretches(_steps(shape))
        case Spike():
            after = shape.seconds - shape.at - shape.lasts
            due = _of_stretches(
                [Stretch(shape.rate, shape.at), Stretch(shape.peak, shape.lasts), Stretch(shape.rate, after)]
            )
        case Trace():
            due = (offset / shape.speed for offset in read_trace(shape.path))
        case _:
            raise ValueError(f"unknown shape {type(shape).__name__}")
    return _collect(due)


def _steps(shape: Step) -> list[Stretch]:
    rise = (shape.to - shape.rate) / max(1, shape.steps - 1)
    return [Stretch(shape.rate + rise * number, shape.seconds / shape.steps) for number in range(shape.steps)]


def _of_stretches(stretches: Iterable[Stretch]) -> Iterator[float]:
    begins = area = 0.0
    number = 0
    for stretch in stretches:
        end = area + stretch.rate * stretch.seconds
        # An arrival at the very end belongs to the next stretch, and at the end of all to none.
        while number < end - _ROUNDING:
            yield begins + (number - area) / stretch.rate
            number += 1
        begins += stretch.seconds
        area = end


def _of_poisson(shape: Poisson, source: random.Random) -> Iterator[float]:
    due = source.expovariate(shape.rate)
    while due < shape.seconds:
        yield due
        due += source.expovariate(shape.rate)


def _collect(due: Iterable[float]) -> "array[float]":
    collected = array("d")
    for offset in due:
        if len(collected) == MAX_ARRIVALS:
            raise TooManyArrivalsError(f"more than {MAX_ARRIVALS:,} arrivals; run shorter, or several generators")
        # Rounding at the seam of two stretches may put one an epsilon before the last.
        collected.append(max(offset, collected[-1]) if collected else max(0.0, offset))
    return collected
