"""The platform's limits against what the platform received: the pace in any sliding window, the quota of any day.

Every send that reached the platform counts, accepted or refused. The pace is promised where sends leave; the platform
sees them after they were on their way, and what is held up there (a platform that is not on its core, say) arrives at
once with what follows it. What arrives in a window left in that window, or was on its way when it began. So a limit may
be given an allowance, `on_the_way`: how many sends can be under way at once, whatever holds them up. It is 0 unless
someone gives it, and the report always shows the peak beside the limit itself.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from loadtests.audit.report import LimitAudit
from loadtests.audit.windows import by_day, slide
from loadtests.platform.ledger import RefusedRow, SendRow
from loadtests.platform.windows import DAY


class Limits(Struct, frozen=True, kw_only=True):
    """What an account may send: in any second, and on any day (UTC+8). 0 is no limit.

    Less than one a second means one in any 1 / `per_second` seconds. `on_the_way` sends may come on top.
    """

    per_second: float = 0
    per_day: int = 0
    on_the_way: int = 0

    @property
    def given(self) -> bool:
        return bool(self.per_second or self.per_day)


def audit_limits(sends: Sequence[SendRow | RefusedRow], limits: Limits) -> tuple[LimitAudit, ...]:
    """Hold each account's sends, in any order, to the limits."""
    accounts: defaultdict[str, list[float]] = defaultdict(list)
    for row in sends:
        accounts[row.app_id].append(row.at)
    return tuple(_hold(app_id, sorted(times), limits) for app_id, times in sorted(accounts.items()))


def _hold(app_id: str, ascending: Sequence[float], limits: Limits) -> LimitAudit:
    seconds = 1 / limits.per_second if 0 < limits.per_second < 1 else 1.0
    limit = int(limits.per_second * seconds)
    sliding = slide(ascending, seconds, limit + limits.on_the_way if limit else math.inf)
    days = by_day(ascending)
    day, most = max(days.items(), key=lambda each: each[1], default=(0, 0))
    return LimitAudit(
        app_id=app_id,
        sends=len(ascending),
        window_seconds=seconds,
        window_limit=limit,
        allowance=limits.on_the_way,
        peak=sliding.peak,
        peak_at=sliding.at,
        windows_over=sliding.over,
        day_limit=limits.per_day,
        busiest_day=f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}" if days else "",
        busiest_day_sends=most,
        days_over=sum(count > limits.per_day + limits.on_the_way for count in days.values()) if limits.per_day else 0,
    )
