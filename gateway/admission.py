"""Who is let in while work queues: overload control by queuing time, without I/O.

How it works, after DAGOR (Zhou et al., "Overload Control for Scaling WeChat Microservices", SoCC 2018). The signal is
how long work waited for its batch to begin, less the one batch that nearly everyone waits for: a queue is what overload
is, and a slow store alone is not. Work is ordered by rank and, within a rank, by a hash of its user in 128 steps;
whoever stands below the level is admitted. A window lasts a second, or 2,000 arrivals if a batch began among them.
After a window whose mean wait exceeds the threshold the level goes down to where 5 % less would have been admitted, by
the window's own history of arrivals; otherwise up by 1 %. The hash is keyed, so nobody can pick a user that is always
admitted, and changes every hour, so nobody is always refused.

Callbacks are refused last. The platform sends a refused callback again, so a refusal adds work, and one is right only
where the append would come too late. Hence two thresholds and a bound:

* over 20 ms the level goes down as far as to refuse all push requests, but no callback;
* it goes further, and callbacks are refused, only in a flood (next point), and only while both the callbacks of the
  last window and those that wait now (at the pace of the last batches) are answered later than in 300 ms. The append
  gives up on what waited 1.5 s, and a cut of 5 % a window must begin well before that;
* windows are too slow for a flood that begins within one: what is expected to be answered later than its rank's bound
  is refused at once. The bound of receipts is shorter than that of messages, so they are refused first. Both are most
  of a second, since a notice's receipts come over a bounded number of connections, and such a burst need not be
  refused. What exceeds even that is a flood, and until it is over its rank has less than half of that bound. However
  slow the store is, one batch may wait beside the one being written, or it would stand idle;
* a window under 20 ms admits every callback again, whatever was refused before it.

While nothing waits over 20 ms and the level is full, admission costs one comparison and counts nothing.
"""

from enum import IntEnum
from hashlib import blake2b
from typing import Final

from monitoring.names import ADMISSION_LEVEL, ADMISSION_WAIT_SECONDS

THRESHOLD_SECONDS: Final = 0.02
CALLBACK_THRESHOLD_SECONDS: Final = 0.3  # to the answer
WINDOW_SECONDS: Final = 1.0
WINDOW_ARRIVALS: Final = 2000
STEPS: Final = 128  # of a rank; one byte of the hash, halved

_KEPT_BY_CUT: Final = 0.95
_KEPT_BY_GROWTH: Final = 1.01
_QUIET_SECONDS: Final = 0.005  # a quarter of the threshold: no queue is left that the level would have to bound
_QUIET_STEPS: Final = STEPS // 4  # so pushes are all admitted again four quiet windows after a flood
_HASH_SECONDS: Final = 3600
_PACE_WEIGHT: Final = 1 / 2
_PACE_STRETCH: Final = 4  # the most that one batch may count, in paces before it: a stall is not a pace
_LEAST_PACE_SECONDS: Final = 0.01
_AT_ONCE_SECONDS: Final = 0.001  # who waited no longer found no batch being written


class Rank(IntEnum):
    """What goes first when not all can be served; the lower the number, the later it is refused."""

    USER = 0
    """A person wrote, subscribed, scanned or tapped, and waits."""
    RECEIPT = 1
    """The platform reports on what we sent; nobody waits."""
    PUSH = 2
    """An upstream enqueues; it holds its work and can wait."""


_BURST_BOUND_SECONDS: Final = {Rank.USER: 1.0, Rank.RECEIPT: 0.9, Rank.PUSH: 0.15}
_FLOOD_BOUND_SECONDS: Final = {Rank.USER: 0.45, Rank.RECEIPT: 0.4, Rank.PUSH: 0.15}

CALLBACKS: Final = STEPS * Rank.PUSH
"""The level that admits every callback and no push."""
FULL: Final = STEPS * len(Rank)
"""The level that admits everyone."""


class Admission:
    """The level of one process. Times are in seconds on the monotonic clock."""

    def __init__(self, largest_batch: int, key: bytes) -> None:
        """Take what one batch may hold, and a secret of up to 64 bytes for the hash of users."""
        self._largest_batch = largest_batch
        self._key = key
        self._level = FULL
        self._calm = True
        self._pace = 0.0  # seconds a batch takes
        self._batch_began = 0.0
        self._waiting = 0  # for their batch, as last reported, and those admitted since
        self._bounds = dict(_BURST_BOUND_SECONDS)
        self._open_window(0.0)
        ADMISSION_LEVEL.set(0)

    @property
    def level(self) -> int:
        """Positions admitted, of `FULL`."""
        return self._level

    def admits(self, rank: Rank, user: bytes, now: float) -> bool:
        """Whether to do this work; count it either way.

        `user` is what decides within its rank: the recipient of a callback; a push request stands for itself.
        """
        if self._calm:
            return True
        self._close_window(now)
        position = self._position(rank, user, now)
        self._arrivals[position] += 1
        self._arrived += 1
        if position >= self._level:
            return False
        if self.expected_wait > self._room(self._bounds[rank], 1.0):
            self._bounds[rank] = _FLOOD_BOUND_SECONDS[rank]
            return False
        self._admitted += 1
        if rank < Rank.PUSH:  # pushes wait in a queue of their own
            self._waiting += 1
        return True

    def observe(self, waited: float, now: float, begun: int = 1, waiting: int = 0) -> None:
        """A batch of `begun` callbacks begins, which waited `waited` seconds; `waiting` are left behind."""
        ADMISSION_WAIT_SECONDS.observe(waited)
        if waited > _AT_ONCE_SECONDS:  # then the batch before lasted until now, with no idle time between
            longest = _PACE_STRETCH * max(self._pace, _LEAST_PACE_SECONDS)
            took = min(now - self._batch_began, longest)
            self._pace += (took - self._pace) * (_PACE_WEIGHT if self._pace else 1)
        self._batch_began = now
        self._waiting = waiting
        queued = max(0.0, waited - self._pace)
        if self._calm:
            if queued <= THRESHOLD_SECONDS:
                return
            self._calm = False
            self._open_window(now)
        self._queued += queued * begun
        self._begun += begun
        self._close_window(now)

    @property
    def expected_wait(self) -> float:
        """How long an arrival would wait for its batch, at the pace of the last ones."""
        return self._waiting / self._largest_batch * self._pace

    def _room(self, answer_seconds: float, least_batches: float) -> float:
        """How long an arrival may wait for its turn: the batch being written and its own take their time as well."""
        return max(least_batches * self._pace, answer_seconds - 2 * self._pace)

    def _position(self, rank: Rank, user: bytes, now: float) -> int:
        hour = int(now // _HASH_SECONDS).to_bytes(8, "big")
        return rank * STEPS + blake2b(user, digest_size=1, key=self._key, salt=hour).digest()[0] % STEPS

    def _open_window(self, now: float) -> None:
        self._opened = now
        self._arrivals = [0] * FULL
        self._arrived = 0
        self._admitted = 0
        self._queued = 0.0
        self._begun = 0

    def _close_window(self, now: float) -> None:
        age = now - self._opened
        if age < WINDOW_SECONDS and (self._arrived < WINDOW_ARRIVALS or not self._begun):
            return
        if age >= 2 * WINDOW_SECONDS or not (self._begun or self._admitted):  # nobody came, or nobody was let in
            self._waiting = 0  # what was refused then cannot tell when the queue is gone; the appender bounds it too
            self._begun = 0
        if self._begun or not self._waiting:  # or else the store stands still, which says nothing about the load
            mean = self._queued / self._begun if self._begun else 0.0
            self._level = self._next_level(mean, windows=max(1, int(age / WINDOW_SECONDS)))
            self._calm = self._level == FULL and mean <= THRESHOLD_SECONDS
            if self._calm:
                self._bounds.update(_BURST_BOUND_SECONDS)
        ADMISSION_LEVEL.set((FULL - self._level) / STEPS)
        self._open_window(now)

    def _next_level(self, mean: float, windows: int) -> int:
        """The level after a window; `windows` is how many it stands for, since nobody looks while nothing arrives."""
        level = self._level
        if mean < _QUIET_SECONDS:
            return min(FULL, max(level, CALLBACKS) + _QUIET_STEPS * windows)
        if mean <= THRESHOLD_SECONDS:
            return max(CALLBACKS, self._grown())
        if level > CALLBACKS:
            return max(CALLBACKS, self._cut())
        flooded = self._bounds[Rank.RECEIPT] < _BURST_BOUND_SECONDS[Rank.RECEIPT]
        if flooded and min(mean, self.expected_wait) > self._room(CALLBACK_THRESHOLD_SECONDS, 0.5):
            return max(1, self._cut())
        return min(CALLBACKS, self._grown())

    def _cut(self) -> int:
        """The highest level, below the present one, that would have admitted 5 % less."""
        wanted = max(self._admitted, self._begun) * _KEPT_BY_CUT
        level = self._level
        below = sum(self._arrivals[:level])
        while level and (below > wanted or level == self._level):
            level -= 1
            below -= self._arrivals[level]
        return level

    def _grown(self) -> int:
        """The lowest level that would have admitted 1 % more; all of it where so many did not arrive."""
        below = sum(self._arrivals[: self._level])
        wanted = below * _KEPT_BY_GROWTH
        level = self._level
        while level < FULL and (below < wanted or level == self._level):
            below += self._arrivals[level]
            level += 1
        return level
