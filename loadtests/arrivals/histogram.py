"""A histogram of high dynamic range: from 1 µs to 19 hours, every value within 0.1 %, in fixed memory.

How it works (log-linear, as HdrHistogram's): values below 2,048 µs have a counter each; above, each doubling is cut
into 1,024 counters of equal width, so a counter is never wider than 1/1,024 of its values. An index is a shift and an
addition, which is all that recording costs.

Our own, because the one library that is kept (hdrhistogram) records in Python as well, has no types, and brings
setuptools and pbr into what runs.
"""

from array import array
from typing import Final

from msgspec import Struct

ERROR_BOUND: Final = 1 / 1024
"""How far a percentile may lie above the recorded value it stands for, as a share; it never lies below."""

_SUB_BITS = 10
_EXACT_BITS = _SUB_BITS + 1
_VALUE_BITS = 36  # 2^36 µs are 19 hours
_LARGEST = (1 << _VALUE_BITS) - 1
_COUNTERS = (_VALUE_BITS - _EXACT_BITS + 2) << _SUB_BITS  # 27,648 counters of 8 bytes: 216 KiB
_MICRO = 1_000_000
_MILLI = 1_000


class Percentiles(Struct, frozen=True, kw_only=True):
    """Milliseconds; all 0 where nothing was recorded."""

    count: int
    mean: float
    p50: float
    p90: float
    p99: float
    p999: float
    max: float


class Histogram:
    """Durations in seconds, kept as whole microseconds."""

    def __init__(self) -> None:
        self._counters = array("Q", bytes(8 * _COUNTERS))
        self._sum = 0
        self._max = 0
        self.count = 0

    def record(self, seconds: float) -> None:
        """Count one duration; longer than 19 hours counts as that. Raises ValueError if it is negative."""
        value = int(seconds * _MICRO)
        if value < 0:
            raise ValueError(f"{seconds} s is no duration")
        value = min(value, _LARGEST)
        shift = value.bit_length() - _EXACT_BITS
        self._counters[value if shift <= 0 else (shift << _SUB_BITS) + (value >> shift)] += 1
        self._sum += value
        self._max = max(self._max, value)
        self.count += 1

    def percentile(self, percent: float) -> float:
        """The duration in seconds that `percent` (0..100] of all do not exceed, by nearest rank; 0 of nothing."""
        rank = max(1, -int(-percent * self.count // 100))
        below = 0
        for index, count in enumerate(self._counters):
            below += count
            if below >= rank:
                return min(_highest(index), self._max) / _MICRO
        return 0.0

    @property
    def max(self) -> float:
        """The longest, exactly, in seconds."""
        return self._max / _MICRO

    def at_least(self, seconds: float) -> int:
        """How many were that long, give or take the error bound."""
        value = int(seconds * _MICRO)
        return sum(count for index, count in enumerate(self._counters) if count and _highest(index) >= value)

    def percentiles(self) -> Percentiles:
        return Percentiles(
            count=self.count,
            mean=round(self._sum / max(1, self.count) / _MILLI, 3),
            p50=self._milliseconds(50),
            p90=self._milliseconds(90),
            p99=self._milliseconds(99),
            p999=self._milliseconds(99.9),
            max=self._max / _MILLI,
        )

    def _milliseconds(self, percent: float) -> float:
        return round(self.percentile(percent) * _MILLI, 3)


def _highest(index: int) -> int:
    """The highest value that a counter counts, in µs."""
    shift = max(0, (index >> _SUB_BITS) - 1)
    return ((index - (shift << _SUB_BITS) + 1) << shift) - 1
