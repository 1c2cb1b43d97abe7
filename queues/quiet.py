"""The `[accounts.quiet_hours]` table: when recipients are left alone."""

import re
from datetime import time

from msgspec import Struct

Span = tuple[time, time]

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class QuietSpan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """From one wall-clock time (`HH:MM`) to another, over midnight if that is later; both empty: never quiet."""

    start: str = ""
    end: str = ""

    def span(self) -> Span | None:
        """The two times; None if it is never quiet.

        Raises:
            ValueError: they are not both `HH:MM`, or are the same.
        """
        if not self.start and not self.end:
            return None
        first, last = _TIME.fullmatch(self.start), _TIME.fullmatch(self.end)
        if first is None or last is None:
            raise ValueError('expected two times such as from = "22:00" and to = "08:00"')
        start, end = time(int(first[1]), int(first[2])), time(int(last[1]), int(last[2]))
        if start == end:
            raise ValueError("begins when it ends; leave both out to have no quiet hours")
        return start, end


class QuietHours(QuietSpan, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account's quiet hours. A template's own span takes the place of the account's.

    They are hours of `time_zone`, unless a push names its recipient's. When they end, what has waited comes back within
    `spread_seconds`.
    """

    time_zone: str = "Asia/Shanghai"
    high_may_pass: bool = True
    spread_seconds: float = 300.0
    templates: dict[str, QuietSpan] = {}
