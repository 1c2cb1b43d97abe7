"""The platform's day, by which it counts quotas: it begins at midnight in Beijing."""

from datetime import timedelta, timezone
from typing import Final

DAY_SECONDS: Final = 86_400
UTC_PLUS_8: Final = 28_800
ZONE: Final = timezone(timedelta(seconds=UTC_PLUS_8))


def day_of(now: float) -> int:
    """The number of the day, counted since the epoch; `now` is in seconds since the epoch."""
    return int((now + UTC_PLUS_8) // DAY_SECONDS)


def day_begins(day: int) -> float:
    """When a day begins, in seconds since the epoch."""
    return day * DAY_SECONDS - UTC_PLUS_8
