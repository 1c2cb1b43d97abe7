"""Who is told of each attempt to send a push."""

from typing import Protocol

from pushers.verdict import Verdict
from queues.outcome import Outcome


class AttemptWitness(Protocol):
    """Called once an attempt has its outcome, in the sender's task: it must not wait, and must be cheap."""

    def record(self, verdict: Verdict, outcome: Outcome, *, seconds: float, ended: float) -> None:
        """The attempt took `seconds` and has `ended` now, in seconds since the epoch."""
