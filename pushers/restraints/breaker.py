"""How many sends an account may have in flight, by how the platform answers; does no I/O.

How it works: every good answer opens the window by one (so it doubles each round trip), every failure closes it by two
(so a third of failures is tolerated), up to the process's own bound. A closed window is an open breaker: one probe at a
time, the pauses between doubling, until one succeeds. A failure is no answer, a server error or "system busy"; an
answer that refuses one push is a good answer.
"""

_STEP_UP = 1
_STEP_DOWN = 2
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0


class Breaker:
    """The window of one account in one process. Times are on the monotonic clock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = most
        self._pause = FIRST_PAUSE_SECONDS
        self._probe_at = 0.0

    @property
    def open(self) -> bool:
        return self._window == 0

    def window(self, now: float) -> int:
        """The most that may be in flight now; 1 when a probe is due."""
        if self._window:
            return self._window
        return 1 if now >= self._probe_at else 0

    def wait_seconds(self, now: float) -> float:
        """How long until anything may be sent."""
        return 0.0 if self._window else max(0.0, self._probe_at - now)

    def succeeded(self) -> None:
        self._window = min(self._most, self._window + _STEP_UP)
        self._pause = FIRST_PAUSE_SECONDS

    def failed(self, now: float) -> None:
        if self._window:
            self._window = max(0, self._window - _STEP_DOWN)
            if self._window:
                return
        elif now < self._probe_at:
            return  # sent before the breaker opened; says nothing new
        self._probe_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
