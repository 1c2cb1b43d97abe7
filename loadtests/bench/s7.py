"""S7: what a push costs with a million queued, beside ten thousand; and the store's memory at a million.

A fresh pusher is let run for a while over each backlog, which it does not come to the end of; its processor time and
the store's are taken over the pushes in the middle.
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
    """What is printed: CPU in µs a push at each backlog (medians), their ratio, and the store's bytes a queued push."""

    bench: str = "S7"
    rounds: int
    queued: int
    cpu_small: float
    cpu_large: float
    ratio: float
    bytes_a_push: float


class _Bench:
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
    """Measure the small backlog that often, filled anew each time, then the large one, filled once."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        bench = _Bench(PushStand(stack, Path(name)))
        small = []
        for _ in range(rounds):
            bench.fill(_SMALL)
            small.append(bench.cost())
        bytes_a_push = bench.fill(queued)
        large = [bench.cost() for _ in range(rounds)]
    return Report(
        rounds=rounds,
        queued=queued,
        cpu_small=round(median(small), 1),
        cpu_large=round(median(large), 1),
        ratio=round(median(large) / median(small), 3),
        bytes_a_push=round(bytes_a_push, 1),
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 3,
    queued: Annotated[int, typer.Option(min=30_000, help="the large backlog")] = 1_000_000,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(rounds, queued)).decode())


if __name__ == "__main__":
    typer.run(main)
