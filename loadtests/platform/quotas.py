"""What an account may call: a day's quota, a minute's quota and a number of calls at once (§4.1, §6)."""

import heapq
from collections.abc import Mapping

from msgspec import Struct

from loadtests.platform.windows import BEIJING, FixedWindow


class ConcurrencyCap:
    """At most `limit` calls at once; 0 is no limit. A call lasts as long as its answer is delayed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._ends: list[float] = []

    def enter(self, now: float, seconds: float) -> bool:
        """Begin a call that ends `seconds` after `now` (monotonic), unless `limit` are under way."""
        if not self.limit:
            return True
        while self._ends and self._ends[0] <= now:
            heapq.heappop(self._ends)
        if len(self._ends) >= self.limit:
            return False
        heapq.heappush(self._ends, now + seconds)
        return True


class Quotas:
    """The limits of one API of one account. Answers 0 or the errcode."""

    def __init__(
        self, per_day: int = 0, per_minute: int = 0, concurrency: int = 0, *, day_offset: int = BEIJING
    ) -> None:
        self.day = FixedWindow.day(per_day, day_offset)
        self.minute = FixedWindow.minute(per_minute)
        self._concurrency = ConcurrencyCap(concurrency)

    def enter(self, wall: float, monotonic: float, seconds: float) -> int:
        """-1 above the concurrency cap, 45011 above the minute's quota, 45009 above the day's, else 0.

        A call refused for the minute or for being one too many at once does not count towards the day.
        """
        if not self._concurrency.enter(monotonic, seconds):
            return -1
        if not self.minute.take(wall):
            return 45011
        return 0 if self.day.take(wall) else 45009

    def clear(self) -> None:
        """Begin the day and the minute again, as the platform's clear_quota does."""
        self.day.clear()
        self.minute.clear()


class QuotaRules(Struct, frozen=True, kw_only=True):
    """Limits by the name of the API; an API without one has none. `day_offset` is that of the zone, in seconds."""

    per_day: Mapping[str, int]
    per_minute: Mapping[str, int]
    concurrency: int = 0
    day_offset: int = BEIJING

    def quotas(self, api: str) -> Quotas:
        """New counters for one API."""
        per_day, per_minute = self.per_day.get(api, 0), self.per_minute.get(api, 0)
        return Quotas(per_day, per_minute, self.concurrency, day_offset=self.day_offset)
