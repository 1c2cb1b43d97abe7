"""`python -m loadtests.chaos SCENARIO`: runs one; exit status 0: all as expected, 1: not so, 2: wrong usage."""

from typing import Annotated

import msgspec
import trio
import typer
from rich.console import Console

from loadtests.audit.summary import render
from loadtests.chaos.programs import PROGRAMS, run_program
from loadtests.chaos.runner import run_scenario
from loadtests.chaos.scenario import ScenarioError, find, names, read_scenario
from loadtests.chaos.summary import render_verdict
from loadtests.stand.process import StandError


def main(
    scenario: Annotated[
        str, typer.Argument(help=f"one of {', '.join(sorted([*names(), *PROGRAMS]))}, or a .toml file")
    ],
    *,
    seed: int = 1,
    scale: Annotated[float, typer.Option(min=0.001, help="multiplies the callbacks and the pushes")] = 1.0,
) -> None:
    """Break things under load, and audit what is left; ends with one JSON line."""
    if scenario in PROGRAMS:
        raise typer.Exit(run_program(scenario))
    console = Console(stderr=True)
    try:
        file = find(scenario)
        read = read_scenario(file)
    except ScenarioError as error:
        typer.echo(f"chaos: {error}", err=True)
        raise typer.Exit(2) from None
    for number, lacks in read.missing().items():
        typer.echo(f"chaos: {file.name}: faults[{number}] is skipped, this machine has no {lacks}", err=True)
    try:
        outcome = trio.run(lambda: run_scenario(file.stem, read, seed=seed, scale=scale))
    except* StandError as group:
        typer.echo(f"chaos: {group.exceptions[0]}", err=True)
        raise typer.Exit(1) from None
    console.print(render(outcome.report))
    console.print(render_verdict(outcome.verdict))
    print(msgspec.json.encode(outcome.verdict).decode())
    raise typer.Exit(0 if outcome.verdict.passed else 1)


if __name__ == "__main__":
    typer.run(main)
