"""S9: memory: a server process at rest, and what an idle keep-alive connection adds to it.

Every connection makes one callback before it is idle, so what a server keeps of a request counts. Resident memory of
the process and its children; what the kernel keeps of a socket is the same for all, and is not in it. Our side is
`gateway`, a process by itself, which holds the command line's modules too; a worker of `serve` does without them, and
is measured at rest beside it.
"""

import contextlib
import socket
import tempfile
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.answer_framing import judge
from loadtests.bench.callback_sides import PEERS, Side, our_side, peer_sides
from loadtests.bench.cpu_account import resident_bytes
from loadtests.bench.prepared_requests import signed_callbacks
from loadtests.bench.programs import ProgramError, end_on_sigterm, program
from loadtests.bench.tidegate_processes import Setup, ready_port, serving, write_configuration
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.workers import workers

_ANSWER_SECONDS = 5.0
_WARMUP = 200


class Memory(Struct, frozen=True):
    """One server's, in bytes."""

    at_rest: int
    a_connection: float


class Report(Struct, frozen=True, kw_only=True):
    """What is printed."""

    bench: str = "S9"
    connections: int
    worker_at_rest: int
    sides: dict[str, Memory]
    skipped: dict[str, str]


def run(connections: int, peers: list[str]) -> Report:
    """Measure one server after another."""
    platform = SimulatorOptions()
    skipped: dict[str, str] = {}
    found: dict[str, Memory] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        for side in (our_side(stack, folder, platform), *peer_sides(stack, folder, platform, peers, skipped)):
            found[side.name] = _measure(side, platform, connections)
        worker_at_rest = _measure_worker(folder)
    return Report(connections=connections, worker_at_rest=worker_at_rest, sides=found, skipped=skipped)


def _measure(side: Side, platform: SimulatorOptions, connections: int) -> Memory:
    at_rest = resident_bytes(side.pid)
    requests = list(islice(signed_callbacks(platform, 1), _WARMUP + connections))
    with ExitStack() as warming:  # what the first requests load and cache is not the connections'
        for request in requests[:_WARMUP]:
            _open_idle(warming, side.port, request)
    before = resident_bytes(side.pid)
    with ExitStack() as idle:
        for request in requests[_WARMUP:]:
            _open_idle(idle, side.port, request)
        grown = resident_bytes(side.pid) - before
    return Memory(at_rest, round(grown / connections, 1))


def _measure_worker(folder: Path) -> int:
    """A gateway of `serve`, in bytes."""
    configuration = write_configuration(folder / "serve.toml", Setup(store=f'data_dir = "{folder}/data"'))
    with program("serve", serving("serve", configuration), core=None, folder=folder) as serve:
        ready_port(serve)
        return resident_bytes(workers(serve.pid)["gateway-0"])


def _open_idle(stack: ExitStack, port: int, request: bytes) -> None:
    """Open a connection, have one callback acknowledged, and leave it open."""
    connection = socket.create_connection(("127.0.0.1", port), _ANSWER_SECONDS)
    stack.enter_context(contextlib.closing(connection))
    connection.sendall(request)
    answer = b""
    while judge(answer) == "incomplete":
        answer += connection.recv(4096)
    if judge(answer) != "acked":
        raise ProgramError(f"not acknowledged: {answer[:100]!r}")


def main(
    *,
    connections: Annotated[int, typer.Option(min=1, max=15_000)] = 4_000,
    peer: Annotated[list[str] | None, typer.Option(help="nginx-lua, fastify, fastapi; all if none is named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peers")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(connections, [] if alone else peer or list(PEERS))).decode())


if __name__ == "__main__":
    typer.run(main)
