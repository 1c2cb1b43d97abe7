"""Our side: a gateway or a pusher by itself, on one core, against a store that the benchmark runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from loadtests.bench.programs import RUN, Program, program
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import account_tables

_CONFIGURATION = """\
[server]
bind = "127.0.0.1:{setup.port}"

[store]
{setup.store}

[pushers]
in_flight = {setup.in_flight}

[metrics]
bind = "127.0.0.1:0"
"""


class Setup(Struct, frozen=True, kw_only=True):
    """What differs from the defaults; `store` is the body of the `[store]` table. No rate limit is set.

    `run` is the program: another one than `run.py` may change something before it goes on as that.
    """

    store: str
    port: int = 0
    in_flight: int = 200
    api_base: str = "http://127.0.0.1:9"
    platform: SimulatorOptions = SimulatorOptions()
    run: Path = RUN


def write_configuration(path: Path, setup: Setup) -> Path:
    """Write the configuration file, and return its path."""
    path.write_text(_CONFIGURATION.format(setup=setup) + account_tables(setup.platform, setup.api_base))
    return path


def serving(command: str, configuration: Path, run: Path = RUN) -> list[object]:
    """The words that run `gateway`, `pusher` or `serve`."""
    return [sys.executable, run, command, "--config", configuration]


@contextmanager
def tidegate(command: str, setup: Setup, *, core: int, folder: Path, name: str = "") -> Iterator[Program]:
    """Run `gateway` or `pusher` until the end of the block; `name` tells two of them apart."""
    name = name or command
    configuration = write_configuration(folder / f"{name}.toml", setup)
    with program(name, serving(command, configuration, setup.run), core=core, folder=folder) as ours:
        yield ours


def ready_port(program: Program) -> int:
    """The port of a program's `ready: http://HOST:PORT` line."""
    return int(program.line().rpartition(":")[2])
