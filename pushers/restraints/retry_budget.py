"""How many of the sends may be repeats, so that an outage is not made worse by those it failed; does no I/O.

How it works: a token bucket. Each first send earns a tenth of a repeat, and time earns a little, so that repeats go
on when nothing else is sent. A repeat that was answered earns two: on a platform that is well again they double with
each round trip, on one that is not they stay a tenth. A repeat that finds the bucket empty is put off: it gets a place
in a line that moves as fast as repeats are earned, so that it comes back once and not again and again.
Times are on the monotonic clock.
"""

SHARE = 0.1
EARNED_PER_SECOND = 1.0
ANSWERED = 2.0
MOST = 20.0
"""What can be saved up: a few failures after a good time are repeated at once."""
LONGEST_SECONDS = 60.0
_HALF_LIFE_SECONDS = 5.0


class RetryBudget:
    """The repeats of one API of one account in one process."""

    def __init__(self) -> None:
        self._credit = MOST
        self._at = 0.0
        self._pace = 0.0
        self._line = 0.0

    def sent(self, now: float) -> None:
        """A push was sent for the first time."""
        self._earn(SHARE, now)

    def answered(self, now: float) -> None:
        """The platform answered a repeat, with other than more trouble."""
        self._earn(ANSWERED, now)

    def admit(self, now: float) -> float:
        """0 if a repeat may be sent, which is then counted; else how long it is to wait."""
        self._look(now)
        if self._credit >= 1:
            self._credit -= 1
            return 0.0
        self._line = max(self._line, now) + 1 / (EARNED_PER_SECOND + self._pace)
        return min(self._line - now, LONGEST_SECONDS)

    def _earn(self, repeats: float, now: float) -> None:
        self._look(now)
        self._credit = min(MOST, self._credit + repeats)
        self._pace += repeats / _HALF_LIFE_SECONDS

    def _look(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._at = now
        self._credit = min(MOST, self._credit + passed * EARNED_PER_SECOND)
        self._pace *= 0.5 ** (passed / _HALF_LIFE_SECONDS)
