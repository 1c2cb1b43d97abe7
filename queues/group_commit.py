"""Group commit: many callers, one write.

How it works: callers hand in an item each and wait; one task takes what has accumulated while the previous batch was
being written, writes it in one go, and gives each caller its own result. The batch grows with the load by itself, from
one to `largest`. A caller is woken by one direct reschedule (an Event a caller costs half as much again), and may be
cancelled at any time: it goes, the batch is written without regard to it.

Bounds: `most_waiting` items wait at most, beside one batch being written. An item that has waited longer than
`patience` when its turn comes is not written and its caller told so; with the store's own timeout that bounds the
whole wait, without a timer for each caller.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import outcome
import structlog
import trio

from monitoring.names import APPEND_BATCH_SIZE, APPEND_SECONDS
from queues.errors import StoreUnavailableError, TooManyWaitingError

log = structlog.get_logger()

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Slot(Generic[_Item]):
    """One caller's place in a batch; `task` is None once it was cancelled."""

    __slots__ = ("arrived", "item", "size", "task")

    def __init__(self, item: _Item, size: int) -> None:
        self.item = item
        self.size = size
        self.arrived = trio.current_time()
        self.task: trio.lowlevel.Task | None = trio.lowlevel.current_task()

    def abandon(self, _raise_cancel: Callable[[], Any]) -> trio.lowlevel.Abort:
        self.task = None
        return trio.lowlevel.Abort.SUCCEEDED

    def wake(self, result: outcome.Outcome[Any]) -> None:
        if self.task is not None:
            task, self.task = self.task, None
            trio.lowlevel.reschedule(task, result)


class GroupCommit(Generic[_Item, _Result]):
    """Collects items and writes them in batches.

    Args:
        kind: the metrics' label, `event` or `push`.
        write: writes a batch and returns a result for each item, in order; raises StoreUnavailableError.
        largest: the most one batch may hold, in units of `size`.
        most_waiting: the most that may wait, in the same units.
        patience: the longest that an item may wait for its batch to begin, in seconds.
    """

    def __init__(
        self,
        kind: str,
        write: Callable[[list[_Item]], Awaitable[Sequence[_Result]]],
        *,
        largest: int,
        most_waiting: int,
        patience: float,
    ) -> None:
        self._kind = kind
        self._write = write
        self._largest = largest
        self._most_waiting = most_waiting
        self._patience = patience
        self._waiting: deque[_Slot[_Item]] = deque()
        self._waiting_size = 0
        self._arrived: trio.Event | None = None
        self._open = False
        self._batch_size = APPEND_BATCH_SIZE.labels(kind)
        self._seconds = APPEND_SECONDS.labels(kind)

    async def submit(self, item: _Item, size: int = 1) -> _Result:
        """Wait until the batch with this item is written; its own result.

        Raises:
            TooManyWaitingError: the bound is reached, or it waited too long; nothing was written.
            StoreUnavailableError: it may not have been written.
        """
        if not self._open:
            raise StoreUnavailableError("not running")
        if self._waiting and self._waiting_size + size > self._most_waiting:
            raise TooManyWaitingError("too many wait to be written")
        slot = _Slot(item, size)
        self._waiting.append(slot)
        self._waiting_size += size
        if self._arrived is not None:
            self._arrived.set()
        result: _Result = await trio.lowlevel.wait_task_rescheduled(slot.abandon)
        return result

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Write batches until cancelled; whoever waits then is told that the store is not available."""
        self._open = True
        task_status.started()
        batch: list[_Slot[_Item]] = []
        try:
            while True:
                while not self._waiting:
                    self._arrived = trio.Event()
                    await self._arrived.wait()
                self._arrived = None
                batch = self._next_batch()
                if batch:
                    await self._commit(batch)
        finally:
            self._open = False
            for slot in (*batch, *self._waiting):
                slot.wake(outcome.Error(StoreUnavailableError("stopping")))
            self._waiting.clear()

    def _next_batch(self) -> list[_Slot[_Item]]:
        batch: list[_Slot[_Item]] = []
        total = 0
        too_old = trio.current_time() - self._patience
        while self._waiting and (not batch or total + self._waiting[0].size <= self._largest):
            slot = self._waiting.popleft()
            self._waiting_size -= slot.size
            if slot.arrived < too_old:
                slot.wake(outcome.Error(TooManyWaitingError("waited too long to be written")))
            elif slot.task is not None:  # nobody waits for a cancelled one any more
                batch.append(slot)
                total += slot.size
        return batch

    async def _commit(self, batch: list[_Slot[_Item]]) -> None:
        started = trio.current_time()
        self._batch_size.observe(sum(slot.size for slot in batch))
        try:
            results = await self._write([slot.item for slot in batch])
        except StoreUnavailableError as error:
            for slot in batch:
                slot.wake(outcome.Error(StoreUnavailableError(*error.args)))
        except Exception:
            # A bug that one item brings out must not end the process, or its repeat would end the next one too.
            log.exception("batch not written", kind=self._kind)
            for slot in batch:
                slot.wake(outcome.Error(StoreUnavailableError("the batch could not be written")))
        else:
            for slot, result in zip(batch, results, strict=True):
                slot.wake(outcome.Value(result))
        finally:
            self._seconds.observe(trio.current_time() - started)
