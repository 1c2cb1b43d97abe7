"""The sending engine: one loop over epoll that writes what is due and reads what came.

How it works: a turn writes at most 64 deliveries that are due, gives up those past their deadline, waits until the next
is due or an answer comes, and reads at most 64 answers. Small turns keep either side from starving the other: after a
stall thousands are due, and thousands of answers wait. There is no task, timer or future for a delivery: a trio client
costs four times as much, and what the generator costs it cannot offer.
"""

import gc
import heapq
import select
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from loadtests.arrivals.book import Book
from loadtests.arrivals.connection import Connection
from loadtests.arrivals.payloads import Payloads
from loadtests.arrivals.pool import Pool
from loadtests.http_client import ConnectionLostError, NoConnectionError

_TURN: Final = 64
_OK: Final = 200
_LOOK_SECONDS: Final = 0.1
_LEAD_SECONDS: Final = 0.05
_NEVER: Final = float("inf")


class Snapshot(Struct, frozen=True, kw_only=True):
    """How far a run is, for whoever watches."""

    elapsed: float
    begun: int
    acked: int
    failed: int
    skipped: int
    in_flight: int


Watch = Callable[[Snapshot], None]
"""Called ten times a second from within the loop: what it takes is the generator's own lag."""


class Engine:
    """One run. `due` are the arrivals' times; `wall` and `clock` are seconds since the epoch, and monotonic ones.

    Bounds beside the payloads: one deadline for each delivery of the last `deadline` seconds (rate x deadline), and one
    entry for each callback that waits for its repeat.
    """

    def __init__(
        self,
        due: Sequence[float],
        payloads: Payloads,
        pool: Pool,
        book: Book,
        *,
        deadline: float,
        watch: Watch | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._due = due
        self._payloads = payloads
        self._pool = pool
        self._book = book
        self._deadline = deadline
        self._watch = watch
        self._clock = clock
        self._wall = wall
        self._next = 0
        self._began = 0.0
        self._repeats: list[tuple[float, int]] = []
        self._deadlines: deque[tuple[float, Connection, int]] = deque()
        self._look_at = 0.0

    def run(self) -> float:
        """Send everything and wait for every end; the seconds that took."""
        with _no_collector():
            self._began = self._clock() + _LEAD_SECONDS
            while self._book.ended < len(self._due):
                self._write_due()
                self._give_up_late()
                self._wait()
                for fd, event in self._pool.epoll.poll(0, _TURN):
                    self._on_event(self._pool.by_fd(fd), event)
                self._look()
            return self._now()

    def _now(self) -> float:
        return self._clock() - self._began

    def _next_due(self) -> float:
        scheduled = self._due[self._next] if self._next < len(self._due) else _NEVER
        return min(scheduled, self._repeats[0][0]) if self._repeats else scheduled

    def _write_due(self) -> None:
        for _ in range(_TURN):
            now = self._now()
            if self._next < len(self._due) and self._due[self._next] <= now:
                self._deliver_first(self._next, now)
                self._next += 1
            elif self._repeats and self._repeats[0][0] <= now:
                self._deliver_again(heapq.heappop(self._repeats)[1], now)
            else:
                return

    def _deliver_first(self, number: int, now: float) -> None:
        connection = self._take(number, now)
        if connection is None:
            return
        self._book.begin(number, now)
        self._write(connection, number, self._payloads.requests[number], now)

    def _deliver_again(self, number: int, now: float) -> None:
        try:
            connection = self._pool.take()
        except NoConnectionError:
            self._book.repeat()
            self._end(number, "refused", accepted=False, written=now)
            return
        if connection is None:
            self._book.skip_repeat(number, now)
            return
        self._book.repeat()
        self._write(connection, number, self._payloads.repeat(number, self._wall()), now)

    def _take(self, number: int, now: float) -> Connection | None:
        """A connection for a first delivery; None if it was skipped, or ended because nobody is there."""
        try:
            connection = self._pool.take()
        except NoConnectionError:
            self._book.begin(number, now)
            self._end(number, "refused", accepted=False, written=now)
            return None
        if connection is None:
            self._book.skip(number, now)
        return connection

    def _write(self, connection: Connection, number: int, request: bytes, now: float) -> None:
        try:
            whole = connection.begin(number, request, now)
        except ConnectionLostError as error:
            self._lose(connection, error)
            return
        if not whole:
            self._pool.watch_writes(connection, wanted=True)
        self._deadlines.append((now + self._deadline, connection, connection.serial))

    def _give_up_late(self) -> None:
        now = self._now()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, connection, serial = self._deadlines.popleft()
            if connection.number >= 0 and connection.serial == serial:
                number, written = connection.number, connection.written
                self._pool.drop(connection)
                self._end(number, "timeout", accepted=False, written=written)

    def _wait(self) -> None:
        until = self._next_due()
        if self._deadlines:
            until = min(until, self._deadlines[0][0])
        wait = min(until - self._now(), _LOOK_SECONDS)
        if wait > 0:
            # epoll.poll rounds up to a millisecond, five arrivals at 5,000 a second; select waits to the microsecond.
            # It takes no descriptor above 1,023, and the epoll was made before the first connection.
            select.select([self._pool.epoll], [], [], wait)

    def _on_event(self, connection: Connection, event: int) -> None:
        try:
            if event & select.EPOLLOUT and connection.flush():
                self._pool.watch_writes(connection, wanted=False)
            if not event & ~select.EPOLLOUT:
                return
            answer = connection.receive()
        except ConnectionLostError as error:
            self._lose(connection, error)
            return
        if answer is None:
            return
        number = connection.number
        accepted = self._payloads.accepts(number, answer.status, answer.body)
        word = "invalid" if answer.status == _OK and not accepted else str(answer.status)
        self._pool.give_back(connection)
        self._end(number, word, accepted=accepted, written=connection.written)

    def _lose(self, connection: Connection, error: ConnectionLostError) -> None:
        number = connection.number
        self._pool.drop(connection)
        if number >= 0:
            word = "refused" if isinstance(error, NoConnectionError) else "lost"
            self._end(number, word, accepted=False, written=connection.written)

    def _end(self, number: int, word: str, *, accepted: bool, written: float) -> None:
        again = self._book.end(number, word, accepted=accepted, written=written, now=self._now())
        if again is not None:
            heapq.heappush(self._repeats, (again, number))

    def _look(self) -> None:
        if self._watch is None or (now := self._now()) < self._look_at:
            return
        self._look_at = now + _LOOK_SECONDS
        book = self._book
        self._watch(
            Snapshot(
                elapsed=max(0.0, now),
                begun=book.begun,
                acked=book.acked,
                failed=book.failed,
                skipped=book.skipped,
                in_flight=self._pool.in_flight,
            )
        )


@contextmanager
def _no_collector() -> Iterator[None]:
    """The collector of cycles would walk over all payloads, tens of milliseconds each time; the loop makes none."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
