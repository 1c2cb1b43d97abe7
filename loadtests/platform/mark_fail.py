"""MarkFail (§1.4): after many failed deliveries the platform stops calling the account for a minute."""

from collections import deque


class MarkFail:
    """Muted for `seconds` once `failures` deliveries failed within `window` seconds; `failures` 0 switches it off.

    `now` is monotonic. The platform does not publish its threshold; 30 in five minutes is that of its alarm.
    """

    def __init__(self, failures: int = 30, window: float = 300.0, seconds: float = 60.0) -> None:
        self._failures = failures
        self._window = window
        self._seconds = seconds
        self._failed: deque[float] = deque(maxlen=failures or 1)
        self._muted_until = float("-inf")
        self.times_muted = 0

    def muted(self, now: float) -> bool:
        return now < self._muted_until

    def remaining(self, now: float) -> float:
        """Seconds until it speaks again; 0 if it is not muted."""
        return max(0.0, self._muted_until - now)

    def failed(self, now: float) -> None:
        """Count a failed delivery."""
        if not self._failures or self.muted(now):
            return
        self._failed.append(now)
        if len(self._failed) == self._failures and now - self._failed[0] < self._window:
            self._failed.clear()
            self._muted_until = now + self._seconds
            self.times_muted += 1
