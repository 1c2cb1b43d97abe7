"""S1: callbacks through one gateway process beside nginx + Lua and FastAPI, round by round.

Each side has the first core to itself while it is measured, and its own store on the second, which the generator has
too. Ours writes every event to disk before it answers; the peers' stores write nothing.
"""

import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.burst_client import Burst
from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.figures import medians, ratios
from loadtests.bench.peers.fastapi_server import fastapi
from loadtests.bench.peers.nginx_server import nginx_lua
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import ProgramError, cores, end_on_sigterm, free_port, program
from loadtests.bench.store_process import StoreProcess, store_process
from loadtests.bench.tidegate_processes import Setup, ready_port, tidegate
from loadtests.options import SimulatorOptions

OURS = "tidegate"
PEERS = {"nginx-lua": nginx_lua, "fastapi": fastapi}
_SLOW = {"fastapi": 4}
"""Peers that get only a part of the requests, so that a round stays short."""

_MICRO = 1_000_000
_BURST_SECONDS = 60.0


class Side(Struct, frozen=True):
    """One server under measurement."""

    name: str
    pid: int
    port: int
    store: StoreProcess


class Level(Struct, frozen=True):
    """The medians at one number of connections, and ours / the peer's round by round."""

    connections: int
    sides: dict[str, dict[str, float]]
    ratios: dict[str, dict[str, float]]


class Report(Struct, frozen=True, kw_only=True):
    """What is printed. Rates in callbacks a second, CPU in µs a callback, shares of the second core."""

    bench: str = "S1"
    rounds: int
    callbacks: int
    levels: list[Level]
    skipped: dict[str, str]


def measure(side: Side, requests: Path, connections: int, folder: Path) -> dict[str, float]:
    """One burst against one side. Raises ProgramError if anything was not acknowledged."""
    before = cpu_seconds(side.pid), cpu_seconds(side.store.pid)
    command = [sys.executable, "-m", "loadtests.bench.burst_client", requests, side.port, connections]
    with program("generator", command, core=cores()[1], folder=folder) as generator:
        result = msgspec.json.decode(generator.line(_BURST_SECONDS), type=Burst)
    server, store = cpu_seconds(side.pid) - before[0], cpu_seconds(side.store.pid) - before[1]
    if result.refused or result.lost:
        raise ProgramError(
            f"{side.name}: {result.refused} refused, {result.lost} lost, {result.acked} acked: {result.first_refusal}"
        )
    return {
        "rate": result.acked / result.seconds,
        "cpu": (server + store) / result.acked * _MICRO,
        "cpu_server": server / result.acked * _MICRO,
        "cpu_store": store / result.acked * _MICRO,
        "p50_ms": result.p50_ms,
        "p99_ms": result.p99_ms,
        "server_share": server / result.seconds,
        "store_share": store / result.seconds,
        "generator_share": result.cpu_seconds / result.seconds,
    }


def run(rounds: int, callbacks: int, levels: list[int], peers: list[str]) -> Report:
    """Start all sides, and measure them in turn."""
    platform = SimulatorOptions()
    skipped: dict[str, str] = {}
    rows: dict[tuple[int, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sides = [_ours(stack, folder, platform), *_others(stack, folder, platform, peers, skipped)]
        seeds = itertools.count(1)
        for number, connections in itertools.product(range(-1, rounds), levels):
            # Round -1 warms every side up and is not counted.
            count = callbacks if number >= 0 else min(callbacks, 2_000)
            share = {side.name: max(1, count // _SLOW.get(side.name, 1)) for side in sides}
            files = _write(folder, platform, next(seeds), set(share.values()))
            for side in sides:
                row = measure(side, files[share[side.name]], connections, folder)
                if number >= 0:
                    rows.setdefault((connections, side.name), []).append(row)
    return Report(rounds=rounds, callbacks=callbacks, levels=[_level(each, rows) for each in levels], skipped=skipped)


def _write(folder: Path, platform: SimulatorOptions, seed: int, counts: set[int]) -> dict[int, Path]:
    """A file of requests for each count; sides with the same count are sent the same bytes."""
    files = {count: folder / f"requests-{count}" for count in counts}
    for count, path in files.items():
        write_requests(path, signed_callbacks(platform, seed), count)
    return files


def _ours(stack: ExitStack, folder: Path, platform: SimulatorOptions) -> Side:
    first, second = cores()
    store = stack.enter_context(store_process(folder, "store-tidegate", "always", second))
    setup = Setup(store=f'url = "{store.url}"', platform=platform)
    gateway = stack.enter_context(tidegate("gateway", setup, core=first, folder=folder))
    return Side(OURS, gateway.pid, ready_port(gateway), store)


def _others(
    stack: ExitStack, folder: Path, platform: SimulatorOptions, peers: list[str], skipped: dict[str, str]
) -> Iterator[Side]:
    first, second = cores()
    for name in peers:
        store = stack.enter_context(store_process(folder, f"store-{name}", "none", second))
        port = free_port()
        try:
            peer = stack.enter_context(PEERS[name](store, port=port, token=platform.token, core=first, folder=folder))
        except PeerMissingError as error:
            print(f"{name} is skipped: {error}", file=sys.stderr)
            skipped[name] = str(error)
            continue
        yield Side(name, peer.pid, port, store)


def _level(connections: int, rows: dict[tuple[int, str], list[dict[str, float]]]) -> Level:
    sides = {name: of for (level, name), of in rows.items() if level == connections}
    return Level(
        connections,
        {name: medians(of) for name, of in sides.items()},
        {name: ratios(sides[OURS], of, ("rate", "cpu")) for name, of in sides.items() if name != OURS},
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    callbacks: Annotated[int, typer.Option(min=1, help="a side, a round and a level")] = 30_000,
    connections: Annotated[list[int] | None, typer.Option(help="levels")] = None,
    peer: Annotated[list[str] | None, typer.Option(help="nginx-lua, fastapi; all if none is named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peers")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    report = run(rounds, callbacks, connections or [64, 512], [] if alone else peer or list(PEERS))
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    typer.run(main)
