"""Whether now is a time to leave a recipient alone, and until when; does no I/O.

How it works: quiet hours are wall-clock times of a time zone, and a day may have 23 or 25 hours. So what is compared is
the wall clock there, and only the end is turned back into an instant: the first that bears that time and is still to
come. Where the clocks skip it, that is as long after the skip as the end lies within it, an hour at most.
"""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queues.push import Push
from queues.quiet import QuietHours, Span
from queues.time_zone import zone_of


def quiet_until(now: float, span: Span, zone: ZoneInfo) -> float | None:
    """When the quiet hours end in which `now` (since the epoch) lies; None if it lies in none."""
    start, end = span
    here = datetime.fromtimestamp(now, zone)
    clock = here.time()
    over_midnight = start > end
    if not (clock >= start or clock < end if over_midnight else start <= clock < end):
        return None
    day = here.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    first, second = (datetime.combine(day, end, zone).replace(fold=fold).timestamp() for fold in (0, 1))
    # Where the clocks went back over the end, `now` may lie between its two.
    return first if first > now else second


class Curfew:
    """The quiet hours of one account, as its senders ask for them."""

    def __init__(self, hours: QuietHours, rng: random.Random) -> None:
        """Take the settings.

        Raises:
            ValueError: a time or the time zone is none.
        """
        self._span = hours.span()
        self._templates = {template: own.span() for template, own in hours.templates.items()}
        self._zone = zone_of(hours.time_zone)
        self._high_may_pass = hours.high_may_pass
        self._spread_seconds = hours.spread_seconds
        self._rng = rng

    def holds(self, push: Push, now: float) -> float | None:
        """Until when (since the epoch) the push must wait, None if it may go now.

        It is the end of the quiet hours and a little more, each push by its own amount; past its `expire_at` only if
        the quiet hours last that long.
        """
        if self._high_may_pass and push.priority == "high":
            return None
        span = self._templates.get(push.template_id, self._span) if self._templates else self._span
        until = quiet_until(now, span, self._zone_of(push)) if span else None
        if until is None:
            return None
        spread = self._spread_seconds
        if push.expire_at > until:
            spread = min(spread, (push.expire_at - until) / 2)
        return until + self._rng.uniform(0, spread)

    def _zone_of(self, push: Push) -> ZoneInfo:
        """The recipient's time zone if the push names one that is known here too."""
        try:
            return zone_of(push.time_zone) if push.time_zone else self._zone
        except ValueError:
            return self._zone


def curfew_of(hours: QuietHours, rng: random.Random) -> Curfew | None:
    """The account's curfew; None where nothing is ever held, which costs its senders nothing."""
    return Curfew(hours, rng) if hours.span() or any(own.span() for own in hours.templates.values()) else None
