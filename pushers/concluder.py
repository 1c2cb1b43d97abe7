"""Says what becomes of a claim: after a verdict, or without one where nothing was sent.

A verdict may say something of more than its push. Its window and its repeats learn of strain and of relief here, and
what concerns the template, the API or the account is told to the outlet, which holds it back in all processes.
"""

import time
from collections.abc import Callable, Sequence
from typing import Literal

import trio

from monitoring.names import BREAKER_OPEN
from pushers.attempts.witness import AttemptWitness
from pushers.channels.channel import Channel
from pushers.job import Finished, Job
from pushers.outcomes.repeats import safe_seconds
from pushers.outcomes.retry_policy import RetryPolicy
from pushers.verdict import Verdict
from queues.outcome import Outcome


class Concluder:
    """What all senders of a process share to end their claims with."""

    def __init__(
        self,
        policy: RetryPolicy,
        witnesses: Sequence[AttemptWitness] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._policy = policy
        self._witnesses = witnesses
        self._clock = clock

    async def conclude(self, job: Job, channel: Channel | None, verdict: Verdict, seconds: float = 0.0) -> Finished:
        """What becomes of a push by this verdict, which took so many seconds to get; its account is told, too.

        `channel` is None where there is no such channel.
        """
        now = trio.current_time()
        verdict = job.outlet.crowd.judge(verdict, job.claim.push.recipient, now)
        breaker = job.passage.breaker
        was_open = breaker.open
        if verdict.strain:
            breaker.failed(now)
        elif verdict.errcode is not None:
            breaker.succeeded()
            if job.claim.attempts:
                job.passage.retries.answered(now)
        if breaker.open != was_open:
            BREAKER_OPEN.labels(job.outlet.account.name).set(job.outlet.breaker_open)
        held = await self._tell(job, channel.api if channel else "", verdict)
        safe = safe_seconds(job.outlet.account, channel) if channel else None
        outcome = self._policy.decide(job.claim, verdict, held, safe)
        for witness in self._witnesses:
            witness.record(verdict, outcome, seconds=seconds, ended=self._clock())
        return Finished(outcome, verdict)

    async def _tell(self, job: Job, api: str, verdict: Verdict) -> float:
        """Let the account know what the verdict says of more than this push; how long that rests."""
        outlet, push = job.outlet, job.claim.push
        if verdict.scope in {"template", "api", "account"}:
            if verdict.repeats and job.claim.attempts < verdict.repeats:
                return 0.0  # sporadic: not yet believed
            seconds = self._policy.hold_seconds(verdict, self._clock())
            await outlet.hold(api, verdict, push.template_id, seconds)
            return seconds
        if outlet.probing and not verdict.strain and verdict.kind != "token":
            await outlet.heard(api, push.template_id)
        return 0.0

    def postpone(self, job: Job, until: float, reason: str, kind: Literal["later", "park"] = "later") -> Finished:
        """Nothing is sent before `until` (since the epoch); what is void by then ends here."""
        push = job.claim.push
        job.passage.give_back(push.priority)
        void = 0 < push.expire_at <= until
        outcome = Outcome(
            claim=job.claim,
            kind="expired" if void else kind,
            delay_seconds=until - self._clock(),
            error=f"expires before it may be sent: {reason}" if void else reason,
        )
        return Finished(outcome, None)

    def release(self, job: Job) -> Finished:
        """Not sent: it goes back to the front of its queue."""
        push = job.claim.push
        job.passage.give_back(push.priority)
        return Finished(Outcome(claim=job.claim, kind="release"), None)
