"""From a verdict to what becomes of the push; does no I/O.

Repeats are spaced by back-off (`pushers.backoff`), after the first failure within one second. With eight attempts the
whole takes two minutes at most, well inside the ten in which the platform still knows the `client_msg_id` of a send
whose outcome is unknown.
"""

import random

from msgspec import structs

from pushers.backoff import backoff
from pushers.channels.registry import CHANNELS
from pushers.outcomes.fallback import next_push
from pushers.quotas.clock import seconds_to_reset
from pushers.verdict import Verdict
from queues.attempt import Attempt
from queues.outcome import Outcome, OutcomeKind, Suppress
from queues.push import Claim

LONGEST_ASIDE_SECONDS = 10.0
"""Then it waits in its queue like the others; any sooner it would go out with a token leased before the hold."""
_SPREAD = 0.1


class RetryPolicy:
    """Decides how often and when a push is sent again."""

    def __init__(self, max_attempts: int, rng: random.Random) -> None:
        self._max_attempts = max_attempts
        self._rng = rng

    def hold_seconds(self, verdict: Verdict, now: float) -> float:
        """How long the API (`park`) or the account (`stop`) rests; `now` is seconds since the epoch."""
        if verdict.quota:
            return seconds_to_reset(verdict.quota, now, self._rng.random())
        return verdict.seconds

    def decide(
        self, claim: Claim, verdict: Verdict, hold_seconds: float = 0, safe_seconds: float | None = None
    ) -> Outcome:
        """The outcome of a claim that was sent, or tried.

        `hold_seconds` is what `hold_seconds()` gave for a `park` or `stop`: the push waits as long as its account, but
        ten seconds at most (it then waits in its queue, and goes on at once when the account does), and a little more,
        each by its own amount. Neither counts as an attempt: the push itself did nothing wrong.
        `safe_seconds`: how long after its first attempt an unknown outcome may be repeated; None: always.
        """
        match verdict.kind:
            case "sent":
                receipt_follows = CHANNELS[claim.push.channel].receipt
                return self._outcome(claim, "sent", verdict, receipt_follows=receipt_follows)
            case "suppressed":
                return self._suppressed(claim, verdict)
            case "dead" if verdict.repeats and claim.attempts < verdict.repeats:
                return self._again(claim, structs.replace(verdict, kind="retry"))
            case "dead":
                return self._ended(claim, "dead", verdict)
            case "park" | "stop":
                wait = min(hold_seconds, LONGEST_ASIDE_SECONDS)
                wait += self._rng.uniform(0, max(1.0, wait * _SPREAD))
                return self._outcome(claim, "park", verdict, delay_seconds=wait)
            case "retry" | "token":
                return self._again(claim, verdict, safe_seconds if verdict.unknown else None)

    def _again(self, claim: Claim, verdict: Verdict, safe_seconds: float | None = None) -> Outcome:
        most = self._max_attempts if verdict.repeats is None else min(self._max_attempts, verdict.repeats + 1)
        if claim.attempts + 1 >= most:
            return self._outcome(claim, "dead", verdict)
        if verdict.seconds:
            delay = verdict.seconds * self._rng.uniform(1, 1 + _SPREAD)
        else:
            delay = backoff(claim.attempts, self._rng)
        return self._outcome(claim, "retry", verdict, delay_seconds=delay, safe_seconds=safe_seconds)

    def _suppressed(self, claim: Claim, verdict: Verdict) -> Outcome:
        suppress: Suppress = ""
        template = ""
        match verdict.scope:
            case "recipient":
                suppress = "recipient"
            case "recipient+template" if template := claim.push.template_id:
                suppress = "template"
        return self._ended(claim, "suppressed", verdict, suppress=suppress, template=template)

    def _ended(
        self, claim: Claim, kind: OutcomeKind, verdict: Verdict, *, suppress: Suppress = "", template: str = ""
    ) -> Outcome:
        """The end of the push, or of its time on this channel."""
        outcome = self._outcome(claim, kind, verdict, suppress=suppress, template=template)
        moved = next_push(claim.push, verdict)
        if moved is None:
            return outcome
        repeat_safe = CHANNELS[claim.push.channel].repeat_safe_seconds > 0
        return structs.replace(outcome, kind="move", next_push=moved, repeat_safe=repeat_safe)

    @staticmethod
    def _outcome(
        claim: Claim,
        kind: OutcomeKind,
        verdict: Verdict,
        *,
        delay_seconds: float = 0,
        suppress: Suppress = "",
        template: str = "",
        safe_seconds: float | None = None,
        receipt_follows: bool = True,
    ) -> Outcome:
        attempt = None
        if kind != "sent":
            named = "unknown" if verdict.unknown else verdict.kind
            attempt = Attempt(verdict=named, errcode=verdict.errcode, rid=verdict.rid, error=verdict.error)
        return Outcome(
            claim=claim,
            kind=kind,
            msgid=verdict.msgid,
            delay_seconds=delay_seconds,
            error=verdict.error,
            suppress=suppress,
            template=template,
            attempt=attempt,
            detail=verdict.detail,
            safe_seconds=safe_seconds,
            receipt_follows=receipt_follows,
        )
