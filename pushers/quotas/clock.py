"""When the platform's quotas are good again, on the wall clock; does no I/O.

The platform counts by days and months of Asia/Shanghai (UTC+8, without daylight saving since 1991) and by clock
minutes. Days are waited for until 00:05, since the reset is not documented to the second.
"""

from datetime import datetime, timedelta
from typing import Literal

from queues.limits.platform_day import ZONE

_GRACE = timedelta(minutes=5)
_DAY_SPREAD_SECONDS = 300.0
_MINUTE_SPREAD_SECONDS = 5.0


def seconds_to_reset(period: Literal["minute", "day", "month"], now: float, spread: float) -> float:
    """Seconds from `now` (since the epoch) until the period has turned.

    `spread` in [0, 1) puts several processes apart: over five minutes for days and months, five seconds for minutes.
    """
    if period == "minute":
        return 60.0 - now % 60.0 + spread * _MINUTE_SPREAD_SECONDS
    today = datetime.fromtimestamp(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)
    turn = tomorrow if period == "day" else (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (turn + _GRACE).timestamp() - now + spread * _DAY_SPREAD_SECONDS
