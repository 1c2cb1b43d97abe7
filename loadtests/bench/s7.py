"""S7: what a push costs with a million queued, beside ten thousand; and the store's memory at a million.

A fresh pusher is let run for a while over each backlog, which it does not come to the end of; its processor time and
the store's are taken over the pushes in the middle. Each backlog has a store of its own, so that the two take turns.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.programs import end_on_sigterm
from loadtests.bench.push_stand import PushStand

_IN_FLIGHT = 200
_SMALL = 10_000
_WARM = 1_500
_MEASURED = 6_000
_MICRO = 1_000_000


class Report(Struct, frozen=True, kw_only=True):
    """What is printed: medians of CPU in µs a push at each backlog and of the rounds' ratios; bytes a queued push."""

    bench: str = "S7"
    rounds: int
    queued: int
    cpu_small: float
    cpu_large: float
    ratio: float
    bytes_a_push: float


class _Backlog:
    def __init__(self, stand: PushStand) -> None:
        self._stand = stand
        # Rewriting the file of so many pushes is the store's own business, and would fall into one side only.
        stand.store.client.config_set("auto-aof-rewrite-percentage", 0)

    def fill(self, count: int) -> float:
        """Empty the store and queue so many; bytes of its memory for each."""
        client = self._stand.store.client
        for key in client.scan_iter("{tg*", count=10_000):
            client.unlink(key)
        before = self._memory()
        self._stand.enqueue(count, batch=2_000)
        return (self._memory() - before) / count

    def cost(self) -> float:
        """µs a push, of a fresh pusher and the store."""
        platform, store = self._stand.platform, self._stand.store
        first = platform.accepted()
        with self._stand.pusher(_IN_FLIGHT) as pusher:
            begun = platform.until_accepted(first + _WARM)
            before = cpu_seconds(pusher.pid) + cpu_seconds(store.pid)
            ended = platform.until_accepted(begun + _MEASURED)
            used = cpu_seconds(pusher.pid) + cpu_seconds(store.pid) - before
        return used / (ended - begun) * _MICRO

    def _memory(self) -> int:
        return int(self._stand.store.client.info("memory")["used_memory"])


def run(rounds: int, queued: int) -> Report:
    """Measure both backlogs in turn: the small one, filled anew each time, and the large one, filled once."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        small, large = (_Backlog(PushStand(stack, Path(name) / size)) for size in ("small", "large"))
        bytes_a_push = large.fill(queued)
        costs = []
        for _ in range(rounds):
            small.fill(_SMALL)
            costs.append((small.cost(), large.cost()))
    return Report(
        rounds=rounds,
        queued=queued,
        cpu_small=round(median(cost for cost, _ in costs), 1),
        cpu_large=round(median(cost for _, cost in costs), 1),
        ratio=round(median(at_large / at_small for at_small, at_large in costs), 3),
        bytes_a_push=round(bytes_a_push, 1),
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    queued: Annotated[int, typer.Option(min=30_000, help="the large backlog")] = 1_000_000,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(rounds, queued)).decode())


if __name__ == "__main__":
    typer.run(main)
