"""Leases tokens and takes pushes in one round trip: what a feeder asks for each time.

How it works: one round trip is under way at a time. What the feeders of a process ask for meanwhile goes together in
the next one, made by the first of those that wait. So a hundred accounts cost a hundred calls of scripts, and not a
hundred worker threads.
"""

from collections import deque
from collections.abc import Sequence

import trio
from msgspec import Struct

from queues.errors import StoreUnavailableError
from queues.limits.rate import Lease, LeaseRequest
from queues.pushes.taker import Taken, TakeRequest
from queues.store import Store

MOST = 64
"""Rounds a trip: none blocks the store for long."""


class Supply(Struct, frozen=True):
    """New tokens, and pushes for tokens leased before."""

    lease: Lease
    taken: Taken


class _Round:
    """One feeder's request; `turn` comes when it has its answer, or is to make the next trip."""

    __slots__ = ("answer", "lease", "take", "turn")

    def __init__(self, lease: LeaseRequest, take: TakeRequest) -> None:
        self.lease = lease
        self.take = take
        self.turn = trio.Event()
        self.answer: Supply | StoreUnavailableError | None = None


class Supplier:
    """Supplies all feeders of a process. At most one round of each waits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[_Round] = deque()
        self._under_way = False

    async def supply(self, lease: LeaseRequest, take: TakeRequest) -> Supply:
        """Lease for the next round what this one takes pushes for; the two neither wait for each other nor depend.

        Not to be cancelled, as it may be making the trip for others.

        Raises:
            StoreUnavailableError: some tokens may have been leased, and expire; some pushes may have been claimed, and
                come back when the claims end.
        """
        mine = _Round(lease, take)
        self._waiting.append(mine)
        if self._under_way:
            await mine.turn.wait()
        if mine.answer is None:
            await self._make_trip()
        if isinstance(mine.answer, StoreUnavailableError):
            raise mine.answer
        assert mine.answer is not None  # noqa: S101 – it was the first of those that waited
        return mine.answer

    async def _make_trip(self) -> None:
        self._under_way = True
        rounds = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            await self._ask(rounds)
        finally:
            self._under_way = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.set()
            for each in rounds:
                each.turn.set()

    async def _ask(self, rounds: Sequence[_Round]) -> None:
        calls = [[each.lease.call(), *each.take.calls(self._store)] for each in rounds]
        asked = trio.current_time()
        try:
            results = await self._store.run("supply", [call for some in calls for call in some])
        except StoreUnavailableError as error:
            for each in rounds:
                each.answer = StoreUnavailableError(*error.args)
            return
        answered, first = trio.current_time(), 0
        for each, some in zip(rounds, calls, strict=True):
            leased, *taken = results[first : first + len(some)]
            first += len(some)
            lease = each.lease.read(self._store.clock, asked, answered, leased)
            each.answer = Supply(lease, each.take.read(asked, taken))
