"""All benchmarks in turn, one JSON line each; some twenty minutes on two cores."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench import s1, s2, s3, s4, s5, s6, s7, s8, s9, s10
from loadtests.bench.callback_sides import PEERS
from loadtests.bench.peers.enqueuers import ENQUEUERS
from loadtests.bench.peers.queue_peers import QUEUE_PEERS
from loadtests.bench.programs import ProgramError, end_on_sigterm
from loadtests.stand.process import StandError

_FULL: dict[str, Callable[[], Struct]] = {
    "S1": partial(s1.run, 5, 30_000, [64, 512], list(PEERS)),
    "S4": partial(s4.run, 3, {200: 20_000, 500: 30_000}, list(QUEUE_PEERS)),
    "S2": partial(s2.run, 5, 30_000, 512),
    "S3": partial(s3.run, 5, 75_000, 2_000, list(PEERS)),
    "S6": partial(s6.run, 10.0),
    "S7": partial(s7.run, 3, 1_000_000),
    "S9": partial(s9.run, 4_000, list(PEERS)),
    "S5": partial(s5.run, 5, 100_000, list(ENQUEUERS)),
    "S8": partial(s8.run, 100_000, 30_000),
    "S10": partial(s10.run, 7),
}
_QUICK: dict[str, Callable[[], Struct]] = {
    "S1": partial(s1.run, 1, 4_000, [64, 512], list(PEERS)),
    "S4": partial(s4.run, 1, {200: 4_000}, list(QUEUE_PEERS)),
    "S2": partial(s2.run, 1, 4_000, 512),
    "S3": partial(s3.run, 1, 8_000, 500, list(PEERS)),
    "S6": partial(s6.run, 2.0),
    "S7": partial(s7.run, 1, 30_000),
    "S9": partial(s9.run, 200, list(PEERS)),
    "S5": partial(s5.run, 1, 8_000, list(ENQUEUERS)),
    "S8": partial(s8.run, 5_000, 2_000),
    "S10": partial(s10.run, 1),
}


def main(
    *, quick: Annotated[bool, typer.Option("--quick", help="one short round of each, to see that all works")] = False
) -> None:
    """Run them all; exit 1 if one could not be measured, after the others."""
    end_on_sigterm()
    failed = False
    for name, run in (_QUICK if quick else _FULL).items():
        try:
            print(msgspec.json.encode(run()).decode(), flush=True)
        except (ProgramError, StandError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
    raise typer.Exit(int(failed))


if __name__ == "__main__":
    typer.run(main)
