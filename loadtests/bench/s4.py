"""S4: pushes through one pusher process beside other queues with senders; the platform answers in 50 ms.

All pushes are queued before the clock starts; it runs from the first send that reaches the platform to the last settled
in the store. The sender has the first core; the platform and the store have the second.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.figures import medians, ratios
from loadtests.bench.peers.queue_peers import QUEUE_PEERS, QueuePeerSettings, queue_peer
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.programs import RUN, ProgramError, cores, end_on_sigterm
from loadtests.bench.push_stand import LATENCY_MS, PushStand
from loadtests.bench.push_watch import PushWatch
from loadtests.bench.store_process import store_process
from loadtests.platform.options import SimulatorOptions

OURS = "tidegate"
_RUN_SECONDS = 60.0
_MICRO = 1_000_000


class Level(Struct, frozen=True, kw_only=True):
    """The medians with so many in flight, and ours / each peer's; `limit` is what 50 ms allow, in pushes a second."""

    in_flight: int
    pushes: int
    limit: float
    sides: dict[str, dict[str, float]]
    ratios: dict[str, dict[str, float]]


class Report(Struct, frozen=True, kw_only=True):
    """What is printed. Rates in pushes a second, CPU in µs a push, shares of a core."""

    bench: str = "S4"
    rounds: int
    levels: list[Level]
    skipped: dict[str, str]


class _Account:
    """The CPU of those who take part, from when it is made."""

    def __init__(self, sender: int, store: int, platform: int) -> None:
        self._pids = (sender, store, platform)
        self._before = [cpu_seconds(pid) for pid in self._pids]

    def figures(self, pushes: int, seconds: float, limit: float) -> dict[str, float]:
        used = [cpu_seconds(pid) - before for pid, before in zip(self._pids, self._before, strict=True)]
        sender, store, platform = used
        return {
            "rate": pushes / seconds,
            "of_limit": pushes / seconds / limit,
            "cpu": (sender + store) / pushes * _MICRO,
            "cpu_sender": sender / pushes * _MICRO,
            "cpu_store": store / pushes * _MICRO,
            "sender_share": sender / seconds,
            "store_share": store / seconds,
            "platform_share": platform / seconds,
        }


class PushBench:
    """Both sides' runs; theirs have a store of their own."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stand = PushStand(stack, folder)
        self._peer_store = stack.enter_context(store_process(folder, "store-peer", "everysec", cores()[1]))
        self._numbers = itertools.count(1)

    def ours(self, in_flight: int, pushes: int, run: Path = RUN) -> dict[str, float]:
        stand = self._stand
        stand.enqueue(pushes)
        watch = PushWatch(stand.store.client)
        first = stand.platform.accepted()
        with stand.pusher(in_flight, run) as pusher:
            # What it needs to start is not the price of a push.
            watch.until_begun(_RUN_SECONDS)
            account = _Account(pusher.pid, stand.store.pid, stand.platform.pid)
            ended = watch.until_settled(_RUN_SECONDS)
            return self._result(account, first, pushes, ended, in_flight)

    def peer(self, name: str, in_flight: int, pushes: int) -> dict[str, float]:
        platform = self._stand.platform
        count = int(pushes * QUEUE_PEERS[name].share)
        settings = QueuePeerSettings(
            socket=str(self._peer_store.socket),
            platform=platform.url,
            token=platform.token(SimulatorOptions()),
            run=f"run{next(self._numbers)}-{time.time_ns():x}",
            concurrency=in_flight,
            count=count,
        )
        with queue_peer(name, settings, core=cores()[0], folder=self._stand.folder) as worker:
            if worker.line(_RUN_SECONDS) != "ready":
                raise worker.failed("did not get ready")
            first = platform.accepted()
            account = _Account(worker.pid, self._peer_store.pid, platform.pid)
            worker.say("go")
            ended = float(worker.line(_RUN_SECONDS))
            return self._result(account, first, count, ended, in_flight)

    def _result(self, account: _Account, first: int, pushes: int, ended: float, in_flight: int) -> dict[str, float]:
        platform = self._stand.platform
        figures = account.figures(pushes, ended - platform.accepted_at(first), in_flight * 1000 / LATENCY_MS)
        if platform.accepted() != first + pushes:
            raise ProgramError(f"the platform accepted {platform.accepted() - first} of {pushes}")
        return figures


def run(rounds: int, levels: dict[int, int], peers: Sequence[str]) -> Report:
    """Run the sides in turn; `levels` says how many pushes for so many in flight."""
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        bench = PushBench(stack, Path(name))
        sides: dict[str, Callable[[int, int], dict[str, float]]] = {OURS: bench.ours}
        sides |= {peer: partial(bench.peer, peer) for peer in peers if _can_run(peer, skipped)}
        rows: dict[int, dict[str, list[dict[str, float]]]] = {level: {side: [] for side in sides} for level in levels}
        for _, (in_flight, pushes), (side, measure) in itertools.product(range(rounds), levels.items(), sides.items()):
            rows[in_flight][side].append(measure(in_flight, pushes))
    return Report(
        rounds=rounds,
        levels=[
            Level(
                in_flight=in_flight,
                pushes=pushes,
                limit=in_flight * 1000 / LATENCY_MS,
                sides={side: medians(of) for side, of in rows[in_flight].items()},
                ratios={
                    side: ratios(rows[in_flight][OURS], rows[in_flight][side], ("rate", "cpu"))
                    for side in sides
                    if side != OURS
                },
            )
            for in_flight, pushes in levels.items()
        ],
        skipped=skipped,
    )


def _can_run(peer: str, skipped: dict[str, str]) -> bool:
    try:
        QUEUE_PEERS[peer].command()
    except PeerMissingError as error:
        print(f"{peer} is skipped: {error}", file=sys.stderr)
        skipped[peer] = str(error)
        return False
    return True


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 3,
    at_200: Annotated[int, typer.Option("--at-200", min=0, help="pushes with 200 in flight")] = 20_000,
    at_500: Annotated[int, typer.Option("--at-500", min=0, help="pushes with 500 in flight")] = 30_000,
    peer: Annotated[list[str] | None, typer.Option(help=f"of {', '.join(QUEUE_PEERS)}; all unless named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peer")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    levels = {in_flight: pushes for in_flight, pushes in ((200, at_200), (500, at_500)) if pushes}
    peers = [] if alone else peer or list(QUEUE_PEERS)
    print(msgspec.json.encode(run(rounds, levels, peers)).decode())


if __name__ == "__main__":
    typer.run(main)
