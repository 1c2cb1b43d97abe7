"""Works off accepted events for our own group: receipts finish pushes, (un)subscribe keeps suppressions true.

A task a shard; woken by appends, and looking by itself now and then. After trouble with the store it first works off
what it had read already, received or not; entries that a dead consumer left are taken over.
"""

import time
from collections.abc import Callable, Collection, Sequence

import structlog
import trio

from monitoring.names import EVENTS_DISPATCHED, PUSH_DELIVERY_SECONDS, PUSHES_FINISHED
from monitoring.traces import Traces
from queues.errors import StoreUnavailableError
from queues.events.reader import Entry, read_events, reclaim_events, reread_events
from queues.events.settler import settle_events
from queues.push import Ended
from queues.store import Store

log = structlog.get_logger()

BATCH = 256
POLL_SECONDS = 5.0
LINGER_SECONDS = 0.1
"""After a wake-up, so that callbacks are read in batches: each batch is two writes to the store's disk, behind which
pushes and other callbacks wait, and nobody waits for a receipt."""
RECLAIM_SECONDS = 5.0
STORE_RETRY_SECONDS = 1.0


class Dispatcher:
    """Reads the event stream of one shard."""

    def __init__(
        self,
        store: Store,
        shard: int,
        consumer: str,
        *,
        retain_seconds: float,
        claim_seconds: float = 10.0,
        windowed: Collection[str] = (),
        traces: Traces | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`claim_seconds`: entries pending for longer are taken over. Settling them twice changes nothing.

        `windowed`: the accounts whose recipients' windows are kept.
        """
        self._store = store
        self._shard = shard
        self._consumer = consumer
        self._retain_seconds = retain_seconds
        self._claim_seconds = claim_seconds
        self._windowed = windowed
        self._traces = traces
        self._clock = clock
        self._woken = trio.Event()

    def wake(self) -> None:
        """An event was appended."""
        self._woken.set()

    async def run(self) -> None:
        """Dispatch until cancelled."""
        reclaim_at = 0.0
        reachable = True
        behind = False
        while True:
            woken = self._woken = trio.Event()
            wait = POLL_SECONDS
            try:
                while behind:
                    entries = await reread_events(self._store, self._shard, self._consumer, BATCH)
                    await self._settle(entries)
                    behind = bool(entries)
                if trio.current_time() >= reclaim_at:
                    await self._settle(
                        await reclaim_events(self._store, self._shard, self._consumer, self._claim_seconds, BATCH)
                    )
                    reclaim_at = trio.current_time() + RECLAIM_SECONDS
                entries = await read_events(self._store, self._shard, self._consumer, BATCH)
                await self._settle(entries)
                if len(entries) == BATCH:
                    wait = 0.0
                reachable = True
            except StoreUnavailableError as error:
                if reachable:
                    log.warning("events wait, store unavailable", shard=self._shard, error=str(error))
                reachable = False
                behind = True  # read and not settled, or read and the answer lost: pending for us, and nobody looks
                wait = 0.0
                await trio.sleep(STORE_RETRY_SECONDS)
            with trio.move_on_after(wait):
                await woken.wait()
                await trio.sleep(LINGER_SECONDS)

    async def _settle(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        receipts = await settle_events(
            self._store, self._shard, entries, retain_seconds=self._retain_seconds, windowed=self._windowed
        )
        for receipted in receipts:
            push = receipted.push
            PUSHES_FINISHED.labels(push.account, push.channel, receipted.state).inc()
            PUSH_DELIVERY_SECONDS.labels(push.account, push.channel, push.priority).observe(
                max(0.0, self._clock() - push.accepted_at), {"push_id": push.id}
            )
            if push.trace and self._traces is not None:
                self._trace(receipted, self._traces)
        EVENTS_DISPATCHED.inc(len(entries))

    def _trace(self, receipted: Ended, traces: Traces) -> None:
        """The receipt as the last span of its push's trace."""
        push, now = receipted.push, self._clock()
        told = {
            "tidegate.push_id": push.id,
            "tidegate.account": push.account,
            "tidegate.channel": push.channel,
            "tidegate.state": receipted.state,
        }
        traces.record(push.trace, "receipt", "receive", now, now, told, failed=receipted.state == "failed")
