"""The connections with answers to send."""

from collections.abc import Callable
from typing import Protocol

import trio


class Sender(Protocol):
    """A connection, as the outbox sees it."""

    def flush(self, now: float) -> None:
        """Send the answers whose turn has come; `now` is on trio's clock."""


def _nobody() -> None:
    """Nobody serves these connections yet."""


class Outbox:
    """Collects them, so that what was answered together is sent together.

    Whoever answered requests outside of the poller's own turn calls `flush`: the appender after a batch, a request's
    task at its end. No task waits for an answer, and nobody is woken to send one.
    """

    def __init__(self) -> None:
        self._senders: list[Sender] = []
        self.on_rest: Callable[[], None] = _nobody
        """Called if sending brought out further answers, to be sent by the next flush."""

    def __bool__(self) -> bool:
        return bool(self._senders)

    def add(self, sender: Sender) -> None:
        self._senders.append(sender)

    def flush(self) -> None:
        """Send for every connection once: one that pipelines without end must not keep us here."""
        senders, self._senders = self._senders, []
        now = trio.current_time()
        for sender in senders:
            sender.flush(now)
        if self._senders:
            self.on_rest()
