"""Tells the operator why callbacks are refused, without letting a flood of them flood the log."""

from structlog.typing import FilteringBoundLogger

from gateway.rejection import RejectedCallbackError

INTERVAL_SECONDS = 1.0


class RejectionLog:
    """At most one line a second for each account; the number left out stands in the next."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._next: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def record(self, account: str, rejection: RejectedCallbackError, now: float) -> None:
        """Log a refusal; `account` is a configured one, `now` is on the monotonic clock."""
        if now < self._next.get(account, now):
            self._left_out[account] = self._left_out.get(account, 0) + 1
            return
        self._next[account] = now + INTERVAL_SECONDS
        self._log.warning(
            "callback refused",
            account=account,
            result=rejection.result,
            reason=str(rejection),
            left_out=self._left_out.pop(account, 0),
        )
