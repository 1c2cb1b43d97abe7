"""Tells the operator why callbacks are refused, without letting a flood of them flood the log.

How it works: refusals are told apart by account and result. The first of each is written at once, then at most one a
second; what was left out stands in the next line, and if none comes, in one of its own.
"""

from collections.abc import Mapping
from typing import NoReturn

import trio
from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from gateway.request_id import request_id_of

INTERVAL_SECONDS = 1.0


class _Class(Struct):
    """Refusals of one account with one result."""

    next_at: float
    reason: str = ""
    left_out: int = 0


class RefusalLog:
    """The refused callbacks of one process; times are on trio's clock. Memory: a class for each account and result."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        self._log = log
        self._classes: dict[tuple[str, str], _Class] = {}

    def record(self, headers: Mapping[bytes, bytes], account: str, result: str, reason: str, now: float) -> None:
        """Log a refusal of the request with these headers; `account` is a configured one, or `other`."""
        known = self._classes.setdefault((account, result), _Class(now))
        known.reason = reason
        if now < known.next_at:
            known.left_out += 1
            return
        self._write(account, result, known, now, request_id=request_id_of(headers))

    def settle(self, now: float) -> None:
        """Write down what was left out and has not been followed by a line."""
        for (account, result), known in self._classes.items():
            if known.left_out and now >= known.next_at:
                self._write(account, result, known, now)

    async def run(self) -> NoReturn:
        """Settle until cancelled."""
        while True:
            await trio.sleep(INTERVAL_SECONDS)
            self.settle(trio.current_time())

    def _write(self, account: str, result: str, known: _Class, now: float, **named: str) -> None:
        self._log.warning(
            "callback refused", account=account, result=result, reason=known.reason, left_out=known.left_out, **named
        )
        known.left_out = 0
        known.next_at = now + INTERVAL_SECONDS
