"""The servers that take callbacks, ours and the peers, and one burst against one of them.

Each has the first core to itself while it is measured, and its own store on the second, which the generator has too.
Ours writes every event to disk before it answers; the peers' stores write nothing.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
from msgspec import Struct

from loadtests.bench.burst_client import Burst
from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.peers.fastapi_server import fastapi
from loadtests.bench.peers.fastify_server import fastify
from loadtests.bench.peers.nginx_server import nginx_lua
from loadtests.bench.peers.setup import PeerMissingError
from loadtests.bench.programs import RUN, ProgramError, cores, program
from loadtests.bench.store_process import StoreProcess, store_process
from loadtests.bench.tidegate_processes import Setup, ready_port, tidegate
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.ports import free_port

OURS = "tidegate"
PEERS = {"nginx-lua": nginx_lua, "fastify": fastify, "fastapi": fastapi}
SLOW = {"fastapi": 4}
"""Peers that get only a part of the requests, so that a round stays short."""

_MICRO = 1_000_000
_BURST_SECONDS = 120.0


class Side(Struct, frozen=True):
    """One server under measurement."""

    name: str
    pid: int
    port: int
    store: StoreProcess


def our_side(stack: ExitStack, folder: Path, platform: SimulatorOptions, name: str = OURS, run: Path = RUN) -> Side:
    """A gateway of ours; secure mode if the platform has a key."""
    first, second = cores()
    store = stack.enter_context(store_process(folder, f"store-{name}", "always", second))
    setup = Setup(store=f'url = "{store.url}"', platform=platform, run=run)
    gateway = stack.enter_context(tidegate("gateway", setup, core=first, folder=folder, name=name))
    return Side(name, gateway.pid, ready_port(gateway), store)


def peer_sides(
    stack: ExitStack, folder: Path, platform: SimulatorOptions, peers: list[str], skipped: dict[str, str]
) -> Iterator[Side]:
    """The named peers that can be set up here; the others are named in `skipped`, and on stderr."""
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


def send_burst(requests: Path, port: int, connections: int, folder: Path) -> Burst:
    """Send a file of prepared requests from a process of its own, on the second core."""
    command = [sys.executable, "-m", "loadtests.bench.burst_client", requests, port, connections]
    with program("generator", command, core=cores()[1], folder=folder) as generator:
        return msgspec.json.decode(generator.line(_BURST_SECONDS), type=Burst)


def measure(side: Side, requests: Path, connections: int, folder: Path) -> dict[str, float]:
    """One burst against one side. Raises ProgramError if anything was not acknowledged."""
    before = cpu_seconds(side.pid), cpu_seconds(side.store.pid)
    result = send_burst(requests, side.port, connections, folder)
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
