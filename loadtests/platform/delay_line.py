"""Calls functions at their time, with one timer for all of them.

A task or a cancel scope for every answer that waits costs more than the answer itself; a heap and one sleeping task
cost about a microsecond each, which is what lets one core simulate thousands of answers a second at 50 ms.
"""

import heapq
import itertools
import math
from collections.abc import Callable

import trio

TICKS_A_SECOND = 1000
"""What is due within one tick shares a wake, and so does what is read (`poller`)."""


def next_tick(now: float) -> float:
    """When the tick after `now` begins."""
    return (math.floor(now * TICKS_A_SECOND) + 1) / TICKS_A_SECOND


class DelayLine:
    """Functions waiting for their time, on trio's clock; `run` must be running for them to be called.

    Unbounded by itself: it holds one entry for each answer or receipt in flight, and those are bounded by the
    connections and by the ledger's rows.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._sleep = trio.CancelScope()
        self._wakes = math.inf

    def __len__(self) -> int:
        return len(self._heap)

    def call_at(self, due: float, call: Callable[[], None]) -> None:
        """Call `call` at the tick nearest to `due` (seconds of trio's clock): on average, that is when it is called."""
        due = round(due * TICKS_A_SECOND) / TICKS_A_SECOND
        heapq.heappush(self._heap, (due, next(self._order), call))
        if due < self._wakes:  # seldom, and moving a deadline is the dear part
            self._wakes = due
            self._sleep.deadline = due

    async def run(self) -> None:
        while True:
            now = trio.current_time()
            while self._heap and self._heap[0][0] <= now:
                heapq.heappop(self._heap)[2]()
            self._wakes = self._heap[0][0] if self._heap else math.inf
            with trio.CancelScope(deadline=self._wakes) as self._sleep:
                await trio.sleep_forever()
