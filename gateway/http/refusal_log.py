"""Tells the operator what is refused and why, without letting a flood of it flood the log.

How it works: refusals are told apart by a few labels (of callbacks: account and result). The first of each class is
written at once, then at most one a second; what was left out stands in the next line, and if none comes, in one of its
own.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import structlog
import trio
from msgspec import Struct

from gateway.http.request_id import request_id_of

INTERVAL_SECONDS: Final = 1.0


class _Class(Struct):
    """Refusals with the same labels."""

    next_at: float
    reason: str = ""
    left_out: int = 0


class RefusalLog:
    """What one process refuses, as lines of one event; times are on trio's clock.

    Memory: a class for each value of the labels, which must therefore be words of ours and never a client's.
    """

    def __init__(self, event: str, *names: str) -> None:
        """Take the lines' event and the names of their labels."""
        self._event = event
        self._names = names
        self._classes: dict[tuple[str, ...], _Class] = {}
        self._log = structlog.get_logger()

    def record(
        self, labels: tuple[str, ...], reason: str, now: float, headers: Mapping[bytes, bytes] | None = None
    ) -> None:
        """Log a refusal; `headers` are the request's, if it came so far."""
        known = self._classes.setdefault(labels, _Class(now))
        known.reason = reason
        if now < known.next_at:
            known.left_out += 1
            return
        named = {} if headers is None else {"request_id": request_id_of(headers)}
        self._write(labels, known, now, named)

    def settle(self, now: float) -> None:
        """Write down what was left out and has not been followed by a line."""
        for labels, known in self._classes.items():
            if known.left_out and now >= known.next_at:
                self._write(labels, known, now, {})

    async def run(self) -> NoReturn:
        """Settle until cancelled."""
        while True:
            await trio.sleep(INTERVAL_SECONDS)
            self.settle(trio.current_time())

    def _write(self, labels: tuple[str, ...], known: _Class, now: float, named: Mapping[str, str]) -> None:
        fields = dict(zip(self._names, labels, strict=True))
        self._log.warning(self._event, **fields, reason=known.reason, left_out=known.left_out, **named)
        known.left_out = 0
        known.next_at = now + INTERVAL_SECONDS
