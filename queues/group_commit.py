"""Group commit: many callers, one write.

How it works: callers hand in an item each and wait; one task takes what has accumulated while the previous batch was
being written, writes it in one go, and gives each caller its own result. The batch grows with the load by itself, from
one to `largest`. A caller that serves many at once leaves a callback (`hand_in`), which wakes no task; a task that
waits (`submit`) may be cancelled at any time, and its batch is written all the same.

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

Observe = Callable[[float, float, int, int], None]
"""Told when a batch begins: for how many seconds its middle item waited, the time, how many it has, and are left."""


def unobserved(_waited: float, _now: float, _begun: int, _waiting: int) -> None:
    """Nobody looks."""


_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Slot(Generic[_Item, _Result]):
    """One caller's place in a batch; `told` is None once the caller has gone, or was told."""

    __slots__ = ("arrived", "item", "size", "told")

    def __init__(self, item: _Item, told: Callable[[_Result | StoreUnavailableError], None], size: int) -> None:
        self.item = item
        self.told: Callable[[_Result | StoreUnavailableError], None] | None = told
        self.size = size
        self.arrived = trio.current_time()

    def tell(self, result: _Result | StoreUnavailableError) -> None:
        told, self.told = self.told, None
        if told is not None:
            told(result)

    def abandon(self, _raise_cancel: Callable[[], Any]) -> trio.lowlevel.Abort:
        self.told = None
        return trio.lowlevel.Abort.SUCCEEDED


class GroupCommit(Generic[_Item, _Result]):
    """Collects items and writes them in batches.

    Args:
        kind: the metrics' label, `event` or `push`.
        write: writes a batch and returns a result for each item, in order; raises StoreUnavailableError.
        largest: the most one batch may hold, in units of `size`.
        most_waiting: the most that may wait, in the same units.
        patience: the longest that an item may wait for its batch to begin, in seconds.
        after: called whenever callers were told.
        observe: told of each batch that begins.
    """

    def __init__(
        self,
        kind: str,
        write: Callable[[list[_Item]], Awaitable[Sequence[_Result]]],
        *,
        largest: int,
        most_waiting: int,
        patience: float,
        after: Callable[[], None] = lambda: None,
        observe: Observe = unobserved,
    ) -> None:
        self._kind = kind
        self._write = write
        self._largest = largest
        self._most_waiting = most_waiting
        self._patience = patience
        self._after = after
        self._observe = observe
        self._waiting: deque[_Slot[_Item, _Result]] = deque()
        self._waiting_size = 0
        self._arrived: trio.Event | None = None
        self._open = False
        self._batch_size = APPEND_BATCH_SIZE.labels(kind)
        self._seconds = APPEND_SECONDS.labels(kind)

    def hand_in(self, item: _Item, told: Callable[[_Result | StoreUnavailableError], None], size: int = 1) -> None:
        """Leave an item; `told` is called once, with its own result or with why it may not have been written.

        Raises:
            TooManyWaitingError: the bound is reached; it will not be written, and `told` not be called.
            StoreUnavailableError: the same, as nobody writes.
        """
        self._join(_Slot(item, told, size))

    async def submit(self, item: _Item, size: int = 1) -> _Result:
        """Wait until the batch with this item is written; its own result.

        Raises:
            TooManyWaitingError: the bound is reached, or it waited too long; nothing was written.
            StoreUnavailableError: it may not have been written.
        """
        task = trio.lowlevel.current_task()

        def told(result: _Result | StoreUnavailableError) -> None:
            if isinstance(result, StoreUnavailableError):
                trio.lowlevel.reschedule(task, outcome.Error(result))
            else:
                trio.lowlevel.reschedule(task, outcome.Value(result))

        slot: _Slot[_Item, _Result] = _Slot(item, told, size)
        self._join(slot)
        result: _Result = await trio.lowlevel.wait_task_rescheduled(slot.abandon)
        return result

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Write batches until cancelled; whoever waits then is told that the store is not available."""
        self._open = True
        task_status.started()
        batch: list[_Slot[_Item, _Result]] = []
        try:
            while True:
                while not self._waiting:
                    self._arrived = trio.Event()
                    await self._arrived.wait()
                self._arrived = None
                batch = self._next_batch()
                if batch:
                    await self._commit(batch)
                self._after()
        finally:
            self._open = False
            for slot in (*batch, *self._waiting):
                slot.tell(StoreUnavailableError("stopping"))
            self._waiting.clear()
            self._after()

    def _join(self, slot: _Slot[_Item, _Result]) -> None:
        if not self._open:
            raise StoreUnavailableError("not running")
        if self._waiting and self._waiting_size + slot.size > self._most_waiting:
            raise TooManyWaitingError("too many wait to be written")
        self._waiting.append(slot)
        self._waiting_size += slot.size
        if self._arrived is not None:
            self._arrived.set()

    def _next_batch(self) -> list[_Slot[_Item, _Result]]:
        batch: list[_Slot[_Item, _Result]] = []
        total = 0
        too_old = trio.current_time() - self._patience
        while self._waiting and (not batch or total + self._waiting[0].size <= self._largest):
            slot = self._waiting.popleft()
            self._waiting_size -= slot.size
            if slot.arrived < too_old:
                slot.tell(TooManyWaitingError("waited too long to be written"))
            elif slot.told is not None:  # nobody waits for a cancelled one any more
                batch.append(slot)
                total += slot.size
        return batch

    async def _commit(self, batch: list[_Slot[_Item, _Result]]) -> None:
        started = trio.current_time()
        self._observe(started - batch[len(batch) // 2].arrived, started, len(batch), len(self._waiting))
        self._batch_size.observe(sum(slot.size for slot in batch))
        try:
            results = await self._write([slot.item for slot in batch])
        except StoreUnavailableError as error:
            for slot in batch:
                slot.tell(StoreUnavailableError(*error.args))
        except Exception:
            # A bug that one item brings out must not end the process, or its repeat would end the next one too.
            log.exception("batch not written", kind=self._kind)
            for slot in batch:
                slot.tell(StoreUnavailableError("the batch could not be written"))
        else:
            for slot, result in zip(batch, results, strict=True):
                slot.tell(result)
        finally:
            self._seconds.observe(trio.current_time() - started)
