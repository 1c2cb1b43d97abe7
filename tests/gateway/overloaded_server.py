"""A store of known speed behind an admission, on a virtual clock: what an open loop of callbacks does to it."""

import random
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from gateway.admission import Admission, Rank

LARGEST_BATCH = 16
BATCH_SECONDS = 0.02  # a full batch; a small one takes a third of it at least, as an fsync does
CAPACITY = LARGEST_BATCH / BATCH_SECONDS
PATIENCE_SECONDS = 1.5  # the appender's
USERS = [b"%d" % number for number in range(75_000)]


class Phase(Struct, frozen=True):
    """An open loop for a while: arrivals do not wait for answers. `load` is a multiple of the capacity."""

    load: float
    seconds: float
    receipts: float = 0.7


class Served(Struct, frozen=True):
    """One that was written: when it began to wait, how long until its batch began, when it was answered."""

    arrived: float
    waited: float
    answered: float


class Outcome(Struct, kw_only=True):
    """What became of every arrival; `refused` and `admitted` by rank, `gave_up` waited too long."""

    served: list[Served]
    refused: dict[Rank, int]
    admitted: dict[Rank, int]
    gave_up: int = 0

    def goodput(self, start: float, end: float) -> float:
        """Share of the capacity that was used between the two times."""
        return sum(start <= item.answered < end for item in self.served) / (end - start) / CAPACITY

    def longest_wait(self, start: float, end: float) -> float:
        return max((item.waited for item in self.served if start <= item.answered < end), default=0.0)

    def answer_seconds(self, share: float) -> float:
        """The quantile of arrival to answer over all that were written."""
        times = sorted(item.answered - item.arrived for item in self.served)
        return times[int(share * len(times))]


def run(admission: Admission, phases: Sequence[Phase], seed: int = 0) -> Outcome:
    """Let the phases arrive one after another, in Poisson streams."""
    chance = random.Random(seed)
    outcome = Outcome(served=[], refused=dict.fromkeys(Rank, 0), admitted=dict.fromkeys(Rank, 0))
    waiting: deque[float] = deque()
    now = free_at = phase_end = 0.0
    for phase in phases:
        phase_end += phase.seconds
        while (now := now + chance.expovariate(phase.load * CAPACITY)) < phase_end:
            free_at = _write_until(now, free_at, waiting, admission, outcome)
            rank = Rank.RECEIPT if chance.random() < phase.receipts else Rank.USER
            if admission.admits(rank, USERS[int(chance.random() * len(USERS))], now):
                outcome.admitted[rank] += 1
                waiting.append(now)
            else:
                outcome.refused[rank] += 1
        now = phase_end
    return outcome


def _write_until(now: float, free_at: float, waiting: deque[float], admission: Admission, outcome: Outcome) -> float:
    """Write the batches that begin before `now`; when the store is free again."""
    while waiting and (begins := max(free_at, waiting[0])) <= now:
        batch: list[float] = []
        while waiting and waiting[0] <= begins and len(batch) < LARGEST_BATCH:
            arrived = waiting.popleft()
            if begins - arrived > PATIENCE_SECONDS:
                outcome.gave_up += 1
            else:
                batch.append(arrived)
        if batch:
            waited = sum(begins - arrived for arrived in batch) / len(batch)
            admission.observe(waited, begins, begun=len(batch), waiting=len(waiting))
            free_at = begins + BATCH_SECONDS * (1 + 2 * len(batch) / LARGEST_BATCH) / 3
            outcome.served.extend(Served(arrived, begins - arrived, free_at) for arrived in batch)
    return free_at
