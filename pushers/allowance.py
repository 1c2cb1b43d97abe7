"""The tokens of a feed that this process has leased and not yet spent; does no I/O. Times are monotonic."""

import math
from collections import deque

from queues.limits.rate import Lease


class _Run:
    """Tokens of one lease: `left` of them, an interval apart, each good for a while."""

    __slots__ = ("good_from", "good_seconds", "interval", "left", "moment", "spent")

    def __init__(self, lease: Lease) -> None:
        self.left = lease.granted
        self.good_from = lease.good_from
        self.good_seconds = lease.good_seconds
        self.interval = lease.interval
        self.moment = lease.moment
        self.spent = 0

    def good_at(self, now: float) -> int:
        """How many of them have come good, void ones included."""
        if now < self.good_from:
            return 0
        return min(self.left, 1 + int((now - self.good_from) / self.interval)) if self.interval else self.left

    def drop(self, count: int) -> None:
        self.left -= count
        self.good_from += count * self.interval
        self.spent += count


class Allowance:
    """Spent in the order in which they come good. Bounded by what may be claimed, as no more are leased."""

    def __init__(self) -> None:
        self._runs: deque[_Run] = deque()
        self.held = 0
        """Tokens that are good or will be, as far as was looked."""
        self.unused = 0
        """Tokens that became void, or came back: for the day's ledger."""

    def add(self, lease: Lease) -> None:
        if lease.granted:
            self._runs.append(_Run(lease))
            self.held += lease.granted

    def spend(self, now: float, most: int) -> list[float]:
        """Up to `most` of the tokens that are good now: until when each may be used."""
        spent: list[float] = []
        while self._runs:
            run = self._runs[0]
            self._drop_void(run, now)
            count = min(run.good_at(now), most - len(spent))
            first = run.good_from + run.good_seconds if run.interval else math.inf
            spent += [first + n * run.interval for n in range(count)]
            self._drop(run, count)
            if run.left:
                break
            self._runs.popleft()
        return spent

    def forfeit(self, most: int) -> int:
        """Give up the next tokens, as many as there are; how many."""
        given = 0
        while self._runs and given < most:
            run = self._runs[0]
            count = min(run.left, most - given)
            self._drop(run, count)
            given += count
            if not run.left:
                self._runs.popleft()
        self.unused += given
        return given

    def good_by(self, moment: float) -> int:
        """How many tokens will have come good by then, as far as was looked; void ones included."""
        return sum(run.good_at(moment) for run in self._runs)

    def good_from(self, skipped: int = 0) -> float:
        """When the next token comes good, or the one after `skipped` others; never (inf) if there is none."""
        for run in self._runs:
            if skipped < run.left:
                return run.good_from + skipped * run.interval if skipped else run.good_from
            skipped -= run.left
        return math.inf

    def moments(self, now: float) -> list[int]:
        """When, in µs on the store's clock, each token comes good that is not void by then. Only with a rate."""
        return [
            round(1e6 * (run.moment + (run.spent + n) * run.interval))
            for run in self._runs
            for n in range(run.good_at(now - run.good_seconds), run.left)
        ]

    def give_back(self) -> None:
        """All that is held goes back, unused."""
        self.unused += self.held
        self.held = 0
        self._runs.clear()

    def _drop_void(self, run: _Run, now: float) -> None:
        void = run.good_at(now - run.good_seconds) if run.interval else 0
        self._drop(run, void)
        self.unused += void

    def _drop(self, run: _Run, count: int) -> None:
        if count:
            run.drop(count)
            self.held -= count
