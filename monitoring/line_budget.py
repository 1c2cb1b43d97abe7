"""How many lines of one kind may be written, and how many were not; does no I/O."""


class LineBudget:
    """At most `per_second` lines a second in the long run, and a second's worth at once. 0: none; infinite: all."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second) if per_second > 0 else 0.0
        self._left = self._most
        self._at = 0.0
        self._left_out = 0

    def admits(self, now: float) -> bool:
        """Whether a line may be written now (monotonic seconds); one that may not is counted."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            self._left_out += 1
            return False
        self._left -= 1
        return True

    def take_left_out(self) -> int:
        """How many were left out since this was last asked."""
        count, self._left_out = self._left_out, 0
        return count
