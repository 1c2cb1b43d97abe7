"""How often WeCom lets itself be called, and how often one member is written to (§4.10)."""

from loadtests.platform.quotas import ConcurrencyCap
from loadtests.platform.windows import HOUR, MINUTE, FixedWindow

PER_MINUTE = 10_000
PER_HOUR = 150_000


class BaseFrequency:
    """One corp calling one API. Above a limit it is blocked for as long as the limit's own period."""

    def __init__(self, per_minute: int = PER_MINUTE, per_hour: int = PER_HOUR, concurrency: int = 0) -> None:
        self._minute = FixedWindow.minute(per_minute)
        self._hour = FixedWindow(per_hour, HOUR)
        self._concurrency = ConcurrencyCap(concurrency)
        self._blocked_until = float("-inf")

    def enter(self, wall: float, monotonic: float, seconds: float) -> int:
        """45033 above the concurrency cap, 45009 above a limit and while blocked, else 0."""
        if not self._concurrency.enter(monotonic, seconds):
            return 45033
        if wall < self._blocked_until:
            return 45009
        if not self._minute.take(wall):
            self._blocked_until = wall + MINUTE
            return 45009
        if not self._hour.take(wall):
            self._blocked_until = wall + HOUR
            return 45009
        return 0

    def exhaust(self, now: float) -> None:
        """Block it as if the hour's limit had been passed."""
        self._blocked_until = now + HOUR

    def clear(self) -> None:
        self._blocked_until = float("-inf")


class MemberLimits:
    """One app writing to one member: what comes above either limit is dropped, and the answer is ok all the same."""

    def __init__(self, per_minute: int = 30, per_hour: int = 1_000) -> None:
        self._per_minute = per_minute
        self._per_hour = per_hour
        self._minute = self._hour = -1
        self._in_minute: dict[str, int] = {}
        self._in_hour: dict[str, int] = {}

    def take(self, member: str, now: float) -> bool:
        """Count a message to a member; False: it is dropped."""
        minute, hour = int(now) // MINUTE, int(now) // HOUR
        if minute != self._minute:
            self._minute = minute
            self._in_minute.clear()
        if hour != self._hour:
            self._hour = hour
            self._in_hour.clear()
        in_minute, in_hour = self._in_minute.get(member, 0), self._in_hour.get(member, 0)
        if (self._per_minute and in_minute >= self._per_minute) or (self._per_hour and in_hour >= self._per_hour):
            return False
        self._in_minute[member] = in_minute + 1
        self._in_hour[member] = in_hour + 1
        return True
