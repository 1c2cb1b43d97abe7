"""All benchmarks in turn, one JSON line each; a few minutes on two cores."""

import sys
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench import s1, s4, s10
from loadtests.bench.programs import ProgramError


def main(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="one short round of each, to see that all of it works")
    ] = False,
) -> None:
    """Run them all; exit 1 if one could not be measured, after the others."""
    failed = False
    for name, report in (
        (
            "S1",
            lambda: (
                s1.run(1, 4_000, [64, 512], list(s1.PEERS)) if quick else s1.run(5, 40_000, [64, 512], list(s1.PEERS))
            ),
        ),
        (
            "S4",
            lambda: (
                s4.run(1, {200: 4_000}, alone=False) if quick else s4.run(3, {200: 20_000, 500: 30_000}, alone=False)
            ),
        ),
        ("S10", lambda: s10.run(1 if quick else 7)),
    ):
        try:
            _print(report())
        except (ProgramError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
    raise typer.Exit(int(failed))


def _print(report: Struct) -> None:
    print(msgspec.json.encode(report).decode(), flush=True)


if __name__ == "__main__":
    typer.run(main)
