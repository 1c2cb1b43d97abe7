"""Fixed windows: the platform counts by clock minute and by calendar day in Beijing (§6), not by sliding window."""

from typing import Self

MINUTE = 60
DAY = 86_400
BEIJING = 8 * 3_600


class FixedWindow:
    """At most `limit` in each window; 0 is no limit. `now` is seconds since the epoch."""

    def __init__(self, limit: int, length: int, offset: int = 0) -> None:
        self.limit = limit
        self._length = length
        self._offset = offset
        self._window = -1
        self.spent = 0

    @classmethod
    def minute(cls, limit: int) -> Self:
        return cls(limit, MINUTE)

    @classmethod
    def day(cls, limit: int) -> Self:
        return cls(limit, DAY, BEIJING)

    def take(self, now: float) -> bool:
        """Count one, or refuse it if this window is full."""
        if not self.limit:
            return True
        window = int(now + self._offset) // self._length
        if window != self._window:
            self._window = window
            self.spent = 0
        if self.spent >= self.limit:
            return False
        self.spent += 1
        return True
