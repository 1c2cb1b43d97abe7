"""What the store's clock says, in terms of our monotonic one; does no I/O.

How it works: an answer that carries the store's time was made after we asked and before we had it, which bounds the
distance between the two clocks from both sides. The bounds of all answers are intersected, so the quickest of them
tells most. They loosen with time, as clocks drift, and are dropped when an answer contradicts them: the store's clock
was set, or another store answers.
"""

import math

DRIFT = 0.001
"""Seconds a second: twice what a clock is slewed by at most."""


class StoreClock:
    """The distance between the clocks of this process and of the store. Times in seconds."""

    def __init__(self) -> None:
        self._least = -math.inf
        self._most = math.inf
        self._seen = 0.0

    def observe(self, asked: float, answered: float, said: float) -> None:
        """The store said `said` at some time between `asked` and `answered` (monotonic)."""
        loosened = DRIFT * max(0.0, answered - self._seen)
        least = max(self._least - loosened, said - answered)
        most = min(self._most + loosened, said - asked)
        if least > most:
            least, most = said - answered, said - asked
        self._least, self._most, self._seen = least, most, answered

    def surely_reached(self, said: float) -> float:
        """When (monotonic) the store's clock has certainly reached that time."""
        return said - self._least

    def perhaps_reached(self, said: float) -> float:
        """Until when (monotonic) the store's clock has certainly not passed that time."""
        return said - self._most
