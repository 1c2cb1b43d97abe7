"""S5: pushes enqueued over HTTP in batches of 500 through one gateway process, beside what others enqueue with.

The peers have no HTTP before them: redis-py's pipeline of plain XADDs is the floor, BullMQ's addBulk and streaq's
enqueue_many are what a queue of jobs costs. Whoever enqueues has the first core, the store and the load the second. All
batches are made before the clock starts; the store is emptied after each run.
"""

import itertools
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.batch_client import Enqueued
from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.figures import medians, ratios
from loadtests.bench.peers.enqueuers import ENQUEUERS, Enqueuer
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.programs import ProgramError, cores, end_on_sigterm, program
from loadtests.bench.store_process import StoreProcess, store_process
from loadtests.bench.tidegate_processes import Setup, ready_port, tidegate
from loadtests.stand.store import Fsync

OURS = "tidegate"
BATCH = 500
_CONNECTIONS = 4
_RUN_SECONDS = 60.0
_MICRO = 1_000_000

Measure = Callable[[int], dict[str, float]]


class Report(Struct, frozen=True, kw_only=True):
    """What is printed. Rates in pushes a second, CPU in µs a push of whoever enqueues and of the store."""

    bench: str = "S5"
    rounds: int
    pushes: int
    batch: int = BATCH
    sides: dict[str, dict[str, float]]
    ratios: dict[str, dict[str, float]]
    skipped: dict[str, str]


class _Bench:
    """What stays up for all runs: the gateway, and a store for each side."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._store = self._own_store(OURS, "always")
        setup = Setup(store=f'url = "{self._store.url}"')
        gateway = stack.enter_context(tidegate("gateway", setup, core=cores()[0], folder=folder))
        self._gateway, self._port = gateway.pid, ready_port(gateway)

    def ours(self, pushes: int) -> dict[str, float]:
        command = [sys.executable, "-m", "loadtests.bench.batch_client", self._port, pushes, BATCH, _CONNECTIONS]
        with program("generator", command, core=cores()[1], folder=self._folder) as generator:
            generator.line()
            before = cpu_seconds(self._gateway), cpu_seconds(self._store.pid)
            generator.say("go")
            result = msgspec.json.decode(generator.line(_RUN_SECONDS), type=Enqueued)
        if result.refused or result.queued != pushes:
            raise ProgramError(f"{result.queued} of {pushes} queued, {result.refused} refused: {result.first_refusal}")
        used = cpu_seconds(self._gateway) - before[0], cpu_seconds(self._store.pid) - before[1]
        self._empty(self._store)
        return _figures(pushes, result.seconds, *used) | {"p50_ms": result.p50_ms, "p99_ms": result.p99_ms}

    def peer(self, name: str, enqueuer: Enqueuer) -> Measure:
        """Set a peer up. Raises PeerMissingError."""
        command = enqueuer.command()
        store = self._own_store(name, "everysec")

        def measure(pushes: int) -> dict[str, float]:
            words = [*command, store.socket, pushes, BATCH]
            with program(name, words, core=cores()[0], folder=self._folder) as peer:
                peer.line(_RUN_SECONDS)
                before = cpu_seconds(peer.pid), cpu_seconds(store.pid)
                peer.say("go")
                seconds = float(peer.line(_RUN_SECONDS))
                used = cpu_seconds(peer.pid) - before[0], cpu_seconds(store.pid) - before[1]
            self._empty(store)
            return _figures(pushes, seconds, *used)

        return measure

    def _own_store(self, name: str, fsync: Fsync) -> StoreProcess:
        return self._stack.enter_context(store_process(self._folder, f"store-{name}", fsync, cores()[1]))

    def _empty(self, store: StoreProcess) -> None:
        """Away with the pushes; the layout's own key is written by whoever opens the store, once."""
        layout = store.client.hgetall("tg:meta")
        store.client.execute_command("FLUSHALL", "SYNC")  # later frees would count against the next run
        if layout:
            store.client.hset("tg:meta", mapping=layout)


def _figures(pushes: int, seconds: float, enqueuer: float, store: float) -> dict[str, float]:
    return {
        "rate": pushes / seconds,
        "cpu": (enqueuer + store) / pushes * _MICRO,
        "cpu_enqueuer": enqueuer / pushes * _MICRO,
        "cpu_store": store / pushes * _MICRO,
        "enqueuer_share": enqueuer / seconds,
        "store_share": store / seconds,
    }


def run(rounds: int, pushes: int, peers: list[str]) -> Report:
    """Run the sides in turn."""
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        bench = _Bench(stack, Path(name))
        sides: dict[str, Measure] = {OURS: bench.ours}
        for peer in peers:
            try:
                sides[peer] = bench.peer(peer, ENQUEUERS[peer])
            except PeerMissingError as error:
                print(f"{peer} is skipped: {error}", file=sys.stderr)
                skipped[peer] = str(error)
        rows: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
        for number, (side, measure) in itertools.product(range(-1, rounds), sides.items()):
            # Round -1 warms every side up and is not counted.
            row = measure(pushes // ENQUEUERS[side].slower if side in ENQUEUERS else pushes)
            if number >= 0:
                rows[side].append(row)
    return Report(
        rounds=rounds,
        pushes=pushes,
        sides={side: medians(of) for side, of in rows.items()},
        ratios={side: ratios(rows[OURS], of, ("rate", "cpu")) for side, of in rows.items() if side != OURS},
        skipped=skipped,
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    pushes: Annotated[int, typer.Option(min=BATCH * 8, help="a side and a round")] = 100_000,
    peer: Annotated[list[str] | None, typer.Option(help=", ".join(ENQUEUERS) + "; all if none is named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peers")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    report = run(rounds, pushes - pushes % (BATCH * 8), [] if alone else peer or list(ENQUEUERS))
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    typer.run(main)
