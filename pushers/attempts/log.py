"""One line for each attempt to send a push: all that is known of it, so that one search answers an upstream's question.

How it works: `sent` and everything else have a budget each, so that a flood of good news does not hide the bad. Which
good news is kept is decided by the push's id: the lines of one push are all there or all left out, in every process.
"""

from collections.abc import Callable
from zlib import crc32

import structlog
import trio

from monitoring.line_budget import LineBudget
from monitoring.pseudonyms import Pseudonyms
from monitoring.traces import trace_id
from pushers.verdict import Verdict
from queues.outcome import Outcome

_SHARES = 2**32  # crc32's range


class AttemptLog:
    """Writes the lines of one process; an `AttemptWitness`."""

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        *,
        per_second: float,
        sent_share: float,
        clock: Callable[[], float] = trio.current_time,
    ) -> None:
        """`per_second`, by the monotonic `clock`, bounds the lines of each kind.

        `sent_share` of the pushes have their `sent` logged.
        """
        self._pseudonyms = pseudonyms
        self._sent = LineBudget(per_second)
        self._unsent = LineBudget(per_second)
        self._sampled_below = sent_share * _SHARES
        self._clock = clock
        self._log = structlog.get_logger()

    def record(self, verdict: Verdict, outcome: Outcome, *, seconds: float, ended: float) -> None:
        """Log it, within the budget of its kind."""
        claim, push = outcome.claim, outcome.claim.push
        sent = verdict.kind == "sent"
        if sent and crc32(push.id.encode()) >= self._sampled_below:
            return
        budget = self._sent if sent else self._unsent
        if not budget.admits(self._clock()):
            return
        # Not before: for a lazy logger a method is made anew each time it is looked up.
        write = self._log.info if sent else self._log.warning
        fields = {
            "push_id": push.id,
            "account": push.account,
            "channel": push.channel,
            "upstream": push.upstream,
            "priority": push.priority,
            "person": self._pseudonyms.of(push.account, push.recipient),
            "attempt": claim.attempts + 1,
            "verdict": verdict.kind,
            "errcode": verdict.errcode,
            "rid": verdict.rid or None,
            "error": verdict.error or None,
            "msgid": outcome.msgid or None,
            "becomes": outcome.kind,
            "again_in": round(outcome.delay_seconds, 3) or None,
            "waited_seconds": round(ended - seconds - max(push.accepted_at, push.send_at), 3),
            "send_seconds": round(seconds, 6),
            "trace_id": trace_id(push.trace) or None,
            "left_out": budget.take_left_out() or None,
        }
        write("push attempt", **{name: value for name, value in fields.items() if value is not None})
