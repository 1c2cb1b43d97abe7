"""How long a backlog takes to drain, at today's rate and quota; does no I/O.

How it works: pushes leave at the API's rate, while the day's quota lasts, and go on at midnight (UTC+8) with the next
day's. The priorities share what leaves 16 : 4 : 1 (as `sharing.lua` has it) while they last; so each queue is empty
when a certain number of pushes has left in all, and that number has its time.
"""

import math
from collections.abc import Mapping

from msgspec import Struct

from queues.limits.platform_day import DAY_SECONDS

WEIGHTS: Mapping[str, float] = {"high": 16.0, "normal": 4.0, "bulk": 1.0}


class Outflow(Struct, frozen=True, kw_only=True):
    """What may leave through one API of one account.

    `per_second` is the pace, infinite where nothing is known to slow it down; `left` what today's quota still allows
    and `per_day` what the next days' will (None: unlimited); `reset_seconds` until the next day; `held_seconds` until
    anything may leave at all.
    """

    per_second: float
    left: int | None = None
    per_day: int | None = None
    reset_seconds: float = DAY_SECONDS
    held_seconds: float = 0.0

    def seconds_for(self, count: int) -> float:
        """Until so many have left; infinity if they never do."""
        if count <= 0:
            return 0.0
        if self.per_second <= 0:
            return math.inf
        if self.left is None or self.per_day is None:
            return self.held_seconds + count / self.per_second
        today = self._leaving_in(self.reset_seconds - self.held_seconds, self.left)
        if count <= today:
            return self.held_seconds + count / self.per_second
        a_day = self._leaving_in(DAY_SECONDS, self.per_day)
        if a_day <= 0:
            return math.inf
        rest = count - today
        whole_days = (rest - 1) // a_day
        begins = max(self.reset_seconds, self.held_seconds) + whole_days * DAY_SECONDS
        return begins + (rest - whole_days * a_day) / self.per_second

    def _leaving_in(self, seconds: float, most: int) -> int:
        """How many leave in so many seconds, `most` at most; at an infinite pace, too."""
        return math.floor(min(most, self.per_second * seconds)) if seconds > 0 else 0


def drain_seconds(depths: Mapping[str, int], outflow: Outflow) -> dict[str, float]:
    """Until each priority's queue is empty; 0 for one that is."""
    return {queue: outflow.seconds_for(_left_by_then(queue, depths)) for queue in depths}


def _left_by_then(queue: str, depths: Mapping[str, int]) -> int:
    """How many have left, of all queues together, when this one is empty."""
    if not depths[queue]:
        return 0
    turns = depths[queue] / WEIGHTS[queue]
    return math.ceil(sum(min(depth, WEIGHTS[other] * turns) for other, depth in depths.items()))


class Pace:
    """How fast one API really sends while there is a backlog: what the day's ledger gains, smoothed over a minute."""

    SMOOTHING_SECONDS = 60.0

    def __init__(self) -> None:
        self._per_second: float | None = None
        self._last: tuple[float, int] | None = None

    def observe(self, now: float, spent: int, *, waiting: bool) -> None:
        """`spent` today, at `now`; `waiting`: whether there is a backlog. Without one a low pace says nothing."""
        last, self._last = self._last, (now, spent) if waiting else None
        if last is None or not waiting or now <= last[0] or spent < last[1]:  # less: a new day's ledger
            return
        seconds = now - last[0]
        seen = (spent - last[1]) / seconds
        share = 1.0 if self._per_second is None else 1.0 - math.exp(-seconds / self.SMOOTHING_SECONDS)
        self._per_second = seen if self._per_second is None else self._per_second + share * (seen - self._per_second)

    def per_second(self, limit: float) -> float | None:
        """What to reckon with: the limit (0: none), or what was seen where that is less; None if neither is known."""
        if self._last is None or self._per_second is None:
            return limit or None
        return min(limit, self._per_second) if limit else self._per_second
