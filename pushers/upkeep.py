"""Sweeps one shard: what is due goes back to its queue, what dead workers had claimed too; old events are trimmed.

Every pusher does this for every shard: a sweep is one atomic call, and a second one finds nothing to do. An idle
shard costs one call every five seconds.
"""

from collections.abc import Mapping
from functools import partial

import structlog
import trio

from monitoring.names import PUSHES_FINISHED, QUEUE_MOVES
from pushers.readiness import Readiness
from queues.errors import StoreUnavailableError
from queues.events.trimmer import trim_events
from queues.pushes.sweeper import Swept, sweep
from queues.store import Store

log = structlog.get_logger()

IDLE_SECONDS = 5.0
DUE_SECONDS = 1.0
"""The longest between sweeps while anything is due later: wake-ups may be lost, and others may have made it sooner."""
LEAST_SECONDS = 0.05
"""Between sweeps, however often we are woken: many retries due one after another are swept together."""
TRIM_SECONDS = 60.0
STORE_RETRY_SECONDS = 1.0


class Upkeep:
    """The one task of a process for one shard."""

    def __init__(
        self,
        store: Store,
        shard: int,
        readiness: Readiness,
        *,
        retain_events_seconds: float,
        safe_seconds: Mapping[str, float],
        retain_seconds: float,
        claim_seconds: float,
    ) -> None:
        """`safe_seconds`, `retain_seconds` and `claim_seconds` are those of `queues.pushes.sweeper.sweep`."""
        self._store = store
        self._shard = shard
        self._readiness = readiness
        self._retain_events_seconds = retain_events_seconds
        self._sweep = partial(
            sweep,
            store,
            shard,
            safe_seconds=safe_seconds,
            retain_seconds=retain_seconds,
            claim_seconds=claim_seconds,
        )
        self._woken = trio.Event()

    def wake(self) -> None:
        """Something was put aside for later."""
        self._woken.set()

    async def run(self) -> None:
        """Keep up until cancelled."""
        trim_at = trio.current_time() + TRIM_SECONDS
        reachable = True
        while True:
            woken = self._woken = trio.Event()
            try:
                swept = await self._sweep()
                for ended in swept.ended:
                    PUSHES_FINISHED.labels(ended.push.account, ended.push.channel, ended.state).inc()
                QUEUE_MOVES.labels("due").inc(swept.promoted)
                QUEUE_MOVES.labels("reclaimed").inc(swept.reclaimed)
                for feed in swept.feeds:
                    self._readiness.mark(feed, self._shard)
                if trio.current_time() >= trim_at:
                    await trim_events(self._store, self._shard, self._retain_events_seconds)
                    trim_at = trio.current_time() + TRIM_SECONDS
                wait = _wait_seconds(swept)
                reachable = True
            except StoreUnavailableError as error:
                if reachable:
                    log.warning("shard not swept, store unavailable", shard=self._shard, error=str(error))
                reachable = False
                wait = STORE_RETRY_SECONDS
            await trio.sleep(LEAST_SECONDS)
            with trio.move_on_after(wait):
                await woken.wait()


def _wait_seconds(swept: Swept) -> float:
    if swept.next_due_seconds is None:
        return IDLE_SECONDS
    return min(DUE_SECONDS, swept.next_due_seconds)
