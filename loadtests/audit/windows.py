"""How many sends a window of time saw: sliding windows, and calendar days as the platform counts them.

How it works: the fullest window can always be shifted to begin with a send, so one pass with two pointers over the
sorted times sees every window that matters. Windows are half-open: a send at the very end belongs to the next.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from loadtests.platform.windows import BEIJING, DAY


class Sliding(Struct, frozen=True, kw_only=True):
    """`peak` is the most in any window, first in the one that begins at `at`; `over` counts those above a limit.

    Of windows, only those that begin with a send are counted in `over`.
    """

    peak: int = 0
    at: float = 0
    over: int = 0


def slide(ascending: Sequence[float], seconds: float, limit: float) -> Sliding:
    """Look at every half-open window of `seconds` over times that ascend. O(n)."""
    peak, at, over, end = 0, 0.0, 0, 0
    for position, begin in enumerate(ascending):
        # The difference of two near floats is exact, where a sum would be rounded.
        while end < len(ascending) and ascending[end] - begin < seconds:
            end += 1
        count = end - position
        over += count > limit
        if count > peak:
            peak, at = count, begin
    return Sliding(peak=peak, at=at, over=over)


def by_day(times: Iterable[float]) -> Counter[int]:
    """How many fall on each calendar day in Beijing; times are seconds, days are counted, since the epoch."""
    return Counter(int(at + BEIJING) // DAY for at in times)
