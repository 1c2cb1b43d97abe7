"""The course of a load, as pure functions: from the share of the time that has passed (0..1) to a height.

Heights are relative, never negative, and mean nothing by themselves: `catalog.plan` scales them so that the wanted
number of arrivals comes out.
"""

import math
from collections.abc import Callable, Sequence

Curve = Callable[[float], float]

STEPS = 1_000
"""Points at which a curve is read to find its mean and its peak."""

_STAIRS = (1.0, 2.0, 5.0, 10.0, 1.0)
_RUSH_HOURS = ((8.0, 1.2, 0.9), (10.5, 1.6, 1.0), (15.0, 2.0, 0.8), (20.0, 1.8, 0.7))


def steady(_passed: float) -> float:
    """The same all the time."""
    return 1.0


def surge(passed: float) -> float:
    """A trickle, then everything within an instant, held for half of the time, then a decay."""
    if passed < 0.1:  # noqa: PLR2004 – the curve's own shape
        return 0.05
    return 1.0 if passed < 0.6 else math.exp(-8.0 * (passed - 0.6))  # noqa: PLR2004 – the curve's own shape


def pop_up(passed: float) -> float:
    """A window pops up on everybody's screen: nothing at all, a steep rise, and a long tail of the undecided."""
    shown, rise = 0.1, 0.12
    if passed < shown:
        return 0.0
    since = (passed - shown) / rise
    return since * math.exp(1.0 - since) + 0.03


def storm(passed: float) -> float:
    """Receipts of a mass notice: at full force almost at once, while the platform works its list, then stragglers."""
    rise, end = 0.05, 0.7
    if passed < rise:
        return passed / rise
    return 1.0 if passed < end else 0.02 + 0.98 * math.exp(-20.0 * (passed - end))


def day(passed: float) -> float:
    """A city's day from midnight to midnight: hardly anybody at night, and peaks at 8:00, 10:30, 15:00 and 20:00."""
    hour = 24.0 * passed
    return 0.06 + sum(height * math.exp(-(((hour - peak) / width) ** 2) / 2) for peak, width, height in _RUSH_HOURS)


def stairs(passed: float) -> float:
    """One, two, five and ten times the capacity, and back to one: whether it recovers is the question."""
    return _STAIRS[min(int(passed * len(_STAIRS)), len(_STAIRS) - 1)]


def heights(curve: Curve) -> Sequence[float]:
    """The curve in the middle of each of its steps."""
    return [curve((step + 0.5) / STEPS) for step in range(STEPS)]
