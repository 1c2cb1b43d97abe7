"""S8: what a queued push (300 bytes to the platform) and a remembered event take of the store's memory.

Both come in through a gateway, as they would. A push is counted by the growth of the store's used memory; a remembered
event by what the sets of identities take, for its stream entry is trimmed and its identity is what stays.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.batch_client import Enqueued
from loadtests.bench.burst_client import Burst
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import ProgramError, cores, end_on_sigterm, program
from loadtests.bench.store_process import store_process
from loadtests.bench.tidegate_processes import Setup, ready_port, tidegate
from loadtests.platform.options import SimulatorOptions

_BATCH, _CONNECTIONS = 500, 16
_RUN_SECONDS = 120.0


class Report(Struct, frozen=True, kw_only=True):
    """What is printed: bytes each."""

    bench: str = "S8"
    pushes: int
    events: int
    push_bytes: float
    event_bytes: float


def run(pushes: int, events: int) -> Report:
    """Fill an empty store with both, and look at what they take."""
    first, second = cores()
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        store = stack.enter_context(store_process(folder, "store", "everysec", second))
        setup = Setup(store=f'url = "{store.url}"\ndurability = "memory"')
        port = ready_port(stack.enter_context(tidegate("gateway", setup, core=first, folder=folder)))
        before = _used(store.client)
        enqueued = _generate(folder, "batch_client", [port, pushes, _BATCH, _CONNECTIONS], Enqueued, go=True)
        if enqueued.queued != pushes:
            raise ProgramError(f"{enqueued.queued} of {pushes} queued: {enqueued.first_refusal}")
        push_bytes = (_used(store.client) - before) / pushes
        file = folder / "callbacks"
        write_requests(file, signed_callbacks(SimulatorOptions(), seed=1), events)
        burst = _generate(folder, "burst_client", [file, port, _CONNECTIONS], Burst)
        if burst.acked != events:
            raise ProgramError(f"{burst.acked} of {events} acknowledged: {burst.first_refusal}")
        seen = store.client.keys("*:seen:*")
        taken = sum(store.client.memory_usage(key, samples=0) for key in seen)
        remembered = sum(store.client.scard(key) for key in seen)
    return Report(pushes=pushes, events=events, push_bytes=push_bytes, event_bytes=taken / remembered)


def _used(client: Any) -> int:
    return int(client.info("memory")["used_memory"])


def _generate(folder: Path, module: str, words: list[Any], kind: type[Any], *, go: bool = False) -> Any:
    command = [sys.executable, "-m", f"loadtests.bench.{module}", *words]
    with program("generator", command, core=cores()[1], folder=folder) as generator:
        if go:
            generator.line(_RUN_SECONDS)
            generator.say("go")
        return msgspec.json.decode(generator.line(_RUN_SECONDS), type=kind)


def main(
    *,
    pushes: Annotated[int, typer.Option(min=500, help="a multiple of 500")] = 100_000,
    events: Annotated[int, typer.Option(min=1)] = 30_000,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(pushes - pushes % _BATCH, events)).decode())


if __name__ == "__main__":
    typer.run(main)
