"""S10: how long `serve` takes from nothing to the first callback answered: a fresh data directory, its own store.

The caller knocks until it is let in, as the platform and a load balancer do. Compiled modules are warm: one start
before the first counted one sees to that.
"""

import socket
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.answer_framing import judge
from loadtests.bench.prepared_requests import signed_callbacks
from loadtests.bench.programs import end_on_sigterm, program
from loadtests.bench.tidegate_processes import Setup, serving, write_configuration
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.ports import free_port

_KNOCK_SECONDS = 0.005
_ANSWER_SECONDS = 5.0


class Report(Struct, frozen=True, kw_only=True):
    """What is printed; seconds."""

    bench: str = "S10"
    starts: int
    median: float
    fastest: float
    slowest: float


def start_once(seed: int) -> float:
    """Seconds from the start of the process to the first `success`. Raises ProgramError if it does not come."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        port = free_port()
        setup = Setup(store=f'data_dir = "{folder}/data"', port=port)
        configuration = write_configuration(folder / "serve.toml", setup)
        request = next(signed_callbacks(SimulatorOptions(), seed))
        began = time.perf_counter()
        with program("serve", serving("serve", configuration), core=None, folder=folder) as serve:
            serve.until(lambda: _acked(port, request), _KNOCK_SECONDS)
            return time.perf_counter() - began


def _acked(port: int, request: bytes) -> bool:
    """Whether the callback is acknowledged; False while nobody is there, or the store is not yet."""
    try:
        with socket.create_connection(("127.0.0.1", port), _ANSWER_SECONDS) as connection:
            connection.sendall(request)
            answer = b""
            while judge(answer) == "incomplete":
                some = connection.recv(4096)
                if not some:
                    return False
                answer += some
            return judge(answer) == "acked"
    except OSError:
        return False


def run(starts: int) -> Report:
    """Start it that often, and once more before that."""
    start_once(0)
    seconds = [start_once(number) for number in range(1, starts + 1)]
    return Report(
        starts=starts,
        median=round(median(seconds), 3),
        fastest=round(min(seconds), 3),
        slowest=round(max(seconds), 3),
    )


def main(*, starts: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 7) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(starts)).decode())


if __name__ == "__main__":
    typer.run(main)
