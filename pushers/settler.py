"""Settles outcomes in batches: whatever has accumulated while the last batch was being settled.

Bounds: the channel before it holds at most as many outcomes as pushes may be in flight, each with its push. When the
store is away and the channel is full, senders wait, their places stay taken, and so nothing more is claimed.
"""

import random
from collections import Counter

import structlog
import trio

from monitoring.names import CLAIMS_LOST, PUSH_ATTEMPTS, PUSH_ERRCODES, PUSHES_FINISHED
from pushers.backoff import backoff
from pushers.errcodes import label
from pushers.job import Finished
from pushers.readiness import Readiness
from queues.errors import StoreUnavailableError
from queues.ids import shard_of_id
from queues.keys import feed
from queues.push import State
from queues.pushes.settler import settle
from queues.store import Store

log = structlog.get_logger()

BATCH = 256
LINGER_SECONDS = 0.01
"""Waited for company after the first outcome of a batch: a call costs as much as fifty outcomes in one."""
FINAL: frozenset[State] = frozenset({"delivered", "failed", "suppressed", "expired", "cancelled", "dead"})


class Settler:
    """The one task of a process that settles."""

    def __init__(
        self, store: Store, readiness: Readiness, rng: random.Random, *, claim_seconds: float, retain_seconds: float
    ) -> None:
        self._store = store
        self._readiness = readiness
        self._rng = rng
        self._claim_seconds = claim_seconds
        self._retain_seconds = retain_seconds

    async def run(self, finished: trio.MemoryReceiveChannel[Finished]) -> None:
        """Settle until the channel is closed and empty."""
        async for first in finished:
            batch = [first]
            _collect(finished, batch)
            if len(batch) < BATCH:
                await trio.sleep(LINGER_SECONDS)
                _collect(finished, batch)
            await self._settle(batch)

    async def _settle(self, batch: list[Finished]) -> None:
        _count_attempts(batch)
        states = await self._states(batch)
        ends: Counter[tuple[str, str, str]] = Counter()
        for done, state in zip(batch, states, strict=True):
            push = done.outcome.claim.push
            if state in FINAL:
                ends[push.account, push.channel, state] += 1
            elif state is None:
                CLAIMS_LOST.labels(push.account).inc()
            elif state == "queued":  # released: it is at the front of its queue again
                self._readiness.mark(feed(push.account, push.channel), shard_of_id(push.id))
        for labels, count in ends.items():
            PUSHES_FINISHED.labels(*labels).inc(count)

    async def _states(self, batch: list[Finished]) -> list[State | None]:
        """What the store says; repeated until the claims are surely lost, and others have taken the pushes over."""
        give_up = trio.current_time() + self._claim_seconds
        failures = 0
        while True:
            try:
                return await settle(self._store, [done.outcome for done in batch], self._retain_seconds)
            except StoreUnavailableError as error:
                failures += 1
                wait = 0.05 + backoff(failures, self._rng, first=0.1, longest=2.0)
                if trio.current_time() + wait >= give_up:
                    log.error("outcomes lost, their pushes will be sent again", count=len(batch), error=str(error))  # noqa: TRY400 - the store's trace says nothing
                    return [None] * len(batch)
                if failures == 1:
                    log.warning("settling waits, store unavailable", count=len(batch), error=str(error))
                await trio.sleep(wait)


def _collect(finished: trio.MemoryReceiveChannel[Finished], batch: list[Finished]) -> None:
    while len(batch) < BATCH:
        try:
            batch.append(finished.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            return


def _count_attempts(batch: list[Finished]) -> None:
    verdicts: Counter[tuple[str, str, str]] = Counter()
    codes: Counter[tuple[str, str]] = Counter()
    for done in batch:
        if done.verdict is not None:
            push = done.outcome.claim.push
            verdicts[push.account, push.channel, done.verdict.kind] += 1
            if done.verdict.errcode is not None:
                codes[push.account, label(done.verdict.errcode)] += 1
    for attempt, count in verdicts.items():
        PUSH_ATTEMPTS.labels(*attempt).inc(count)
    for code, count in codes.items():
        PUSH_ERRCODES.labels(*code).inc(count)
