"""Fixed windows: the platform counts by clock minute, calendar day and month (§6), not by sliding window."""

from datetime import UTC, datetime, timedelta
from typing import Self

MINUTE = 60
HOUR = 3_600
DAY = 86_400
BEIJING = 8 * HOUR


class FixedWindow:
    """At most `limit` in each window; 0 is no limit. `now` is seconds since the epoch.

    What is spent is counted in either case: the platform's quota/get tells it.
    """

    def __init__(self, limit: int, length: int, offset: int = 0) -> None:
        self.limit = limit
        self.length = length
        self.spent = 0
        self._offset = offset
        self._window = -1
        self._exhausted = False

    @classmethod
    def minute(cls, limit: int) -> Self:
        return cls(limit, MINUTE)

    @classmethod
    def day(cls, limit: int, offset: int = BEIJING) -> Self:
        """Days that begin at midnight of the zone `offset` seconds east of Greenwich."""
        return cls(limit, DAY, offset)

    def take(self, now: float, amount: int = 1) -> bool:
        """Count `amount`, or refuse it if this window has no room for it."""
        window = int(now + self._offset) // self.length
        if window != self._window:  # as in `_turn`, without the call: every send passes here twice
            self._window = window
            self.clear()
        if self._exhausted or (self.limit and self.spent + amount > self.limit):
            return False
        self.spent += amount
        return True

    def used(self, now: float) -> int:
        """What is spent in the window of `now`; an exhausted one shows all of its limit."""
        self._turn(now)
        return max(self.spent, self.limit) if self._exhausted else self.spent

    def exhaust(self, now: float) -> None:
        """Refuse everything until the next window, whatever the limit."""
        self._turn(now)
        self._exhausted = True

    def clear(self) -> None:
        """Begin the window again."""
        self.spent = 0
        self._exhausted = False

    def _turn(self, now: float) -> None:
        window = int(now + self._offset) // self.length
        if window != self._window:
            self._window = window
            self.clear()


class MonthWindow:
    """At most `limit` in each calendar month; 0 is no limit."""

    def __init__(self, limit: int, offset: int = BEIJING) -> None:
        self.limit = limit
        self.spent = 0
        self._offset = offset
        self._month = ""

    def take(self, now: float) -> bool:
        month = month_of(now, self._offset)
        if month != self._month:
            self._month = month
            self.spent = 0
        if self.limit and self.spent >= self.limit:
            return False
        self.spent += 1
        return True


def month_of(now: float, offset: int = BEIJING) -> str:
    """The calendar month, as `2024-04`, of a zone `offset` seconds east of Greenwich."""
    return (datetime.fromtimestamp(now, UTC) + timedelta(seconds=offset)).strftime("%Y-%m")
