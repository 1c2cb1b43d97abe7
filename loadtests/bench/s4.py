"""S4: pushes through one pusher process beside BullMQ + undici, against a platform that answers in 50 ms.

All pushes are queued before the clock starts; it runs from the first send that reaches the platform to the last settled
in the store. The sender has the first core; the platform and the store have the second.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct

from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.figures import medians, ratios
from loadtests.bench.peers.bullmq import BullmqSettings, bullmq, bullmq_packages
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.platform_process import PlatformProcess, platform_process
from loadtests.bench.programs import RUN, ProgramError, cores, end_on_sigterm
from loadtests.bench.push_watch import PushWatch
from loadtests.bench.store_process import StoreProcess, store_process
from loadtests.bench.tidegate_processes import ACCOUNT, UPSTREAM_KEY, Setup, ready_port, tidegate
from loadtests.campaign import CampaignOptions, run_campaign
from loadtests.options import SimulatorOptions

OURS, PEER = "tidegate", "bullmq-undici"
_LATENCY_MS = 50
_RUN_SECONDS = 60.0
_MICRO = 1_000_000


class Level(Struct, frozen=True, kw_only=True):
    """The medians with so many in flight, and ours / the peer's; `limit` is what 50 ms allow, in pushes a second."""

    in_flight: int
    pushes: int
    limit: float
    sides: dict[str, dict[str, float]]
    ratios: dict[str, float]


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
    """What stays up for all runs: the platform, a store for each side, and the gateway that takes our pushes."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        second = cores()[1]
        self._folder = folder
        self._platform: PlatformProcess = stack.enter_context(platform_process(folder, _LATENCY_MS, second))
        self._store: StoreProcess = stack.enter_context(store_process(folder, "store-tidegate", "always", second))
        self._peer_store: StoreProcess = stack.enter_context(store_process(folder, "store-peer", "everysec", second))
        gateway = stack.enter_context(tidegate("gateway", self._setup(0), core=second, folder=folder))
        self._gateway = f"http://127.0.0.1:{ready_port(gateway)}"
        self._numbers = itertools.count(1)

    def ours(self, in_flight: int, pushes: int, run: Path = RUN) -> dict[str, float]:
        options = CampaignOptions(url=self._gateway, key=UPSTREAM_KEY, account=ACCOUNT, count=pushes)
        ledger = trio.run(run_campaign, options)
        if sum(row.acked for row in ledger.rows) != pushes:
            raise ProgramError("the gateway did not take all pushes")
        watch = PushWatch(self._store.client)
        first = self._platform.accepted()
        with tidegate("pusher", self._setup(in_flight, run), core=cores()[0], folder=self._folder) as pusher:
            # What it needs to start is not the price of a push.
            watch.until_begun(_RUN_SECONDS)
            account = _Account(pusher.pid, self._store.pid, self._platform.pid)
            ended = watch.until_settled(_RUN_SECONDS)
            return self._result(account, first, pushes, ended, in_flight)

    def peer(self, in_flight: int, pushes: int) -> dict[str, float]:
        settings = BullmqSettings(
            socket=str(self._peer_store.socket),
            platform=self._platform.url,
            token=self._platform.token(SimulatorOptions()),
            run=f"run{next(self._numbers)}-{time.time_ns():x}",
            concurrency=in_flight,
            count=pushes,
        )
        with bullmq(settings, core=cores()[0], folder=self._folder) as worker:
            if worker.line() != "ready":
                raise worker.failed("did not get ready")
            first = self._platform.accepted()
            account = _Account(worker.pid, self._peer_store.pid, self._platform.pid)
            worker.say("go")
            ended = float(worker.line(_RUN_SECONDS))
            return self._result(account, first, pushes, ended, in_flight)

    def _result(self, account: _Account, first: int, pushes: int, ended: float, in_flight: int) -> dict[str, float]:
        seconds = ended - self._platform.accepted_at(first)
        figures = account.figures(pushes, seconds, in_flight * 1000 / _LATENCY_MS)
        if self._platform.accepted() != first + pushes:
            raise ProgramError(f"the platform accepted {self._platform.accepted() - first} of {pushes}")
        return figures

    def _setup(self, in_flight: int, run: Path = RUN) -> Setup:
        store = f'url = "{self._store.url}"'
        return Setup(store=store, in_flight=in_flight or 200, api_base=self._platform.url, run=run)


def run(rounds: int, levels: dict[int, int], *, alone: bool) -> Report:
    """Run the sides in turn; `levels` says how many pushes for so many in flight."""
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        bench = PushBench(stack, Path(name))
        sides: dict[str, Callable[[int, int], dict[str, float]]] = {OURS: bench.ours}
        if not alone and _can_run_peer(skipped):
            sides[PEER] = bench.peer
        rows: dict[int, dict[str, list[dict[str, float]]]] = {level: {side: [] for side in sides} for level in levels}
        for _, (in_flight, pushes), (side, measure) in itertools.product(range(rounds), levels.items(), sides.items()):
            rows[in_flight][side].append(measure(in_flight, pushes))
    return Report(
        rounds=rounds,
        levels=[
            Level(
                in_flight=in_flight,
                pushes=pushes,
                limit=in_flight * 1000 / _LATENCY_MS,
                sides={side: medians(of) for side, of in rows[in_flight].items()},
                ratios=ratios(rows[in_flight][OURS], rows[in_flight][PEER], ("rate", "cpu")) if PEER in sides else {},
            )
            for in_flight, pushes in levels.items()
        ],
        skipped=skipped,
    )


def _can_run_peer(skipped: dict[str, str]) -> bool:
    try:
        bullmq_packages()
    except PeerMissingError as error:
        print(f"{PEER} is skipped: {error}", file=sys.stderr)
        skipped[PEER] = str(error)
        return False
    return True


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 3,
    at_200: Annotated[int, typer.Option("--at-200", min=0, help="pushes with 200 in flight")] = 20_000,
    at_500: Annotated[int, typer.Option("--at-500", min=0, help="pushes with 500 in flight")] = 30_000,
    alone: Annotated[bool, typer.Option("--alone", help="no peer")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    levels = {in_flight: pushes for in_flight, pushes in ((200, at_200), (500, at_500)) if pushes}
    print(msgspec.json.encode(run(rounds, levels, alone=alone)).decode())


if __name__ == "__main__":
    typer.run(main)
