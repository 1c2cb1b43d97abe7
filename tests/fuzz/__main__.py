"""`python -m tests.fuzz --seconds 600`: every target in turn, in fresh rounds, until the time is over or one fails."""

import importlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis import HealthCheck, settings

_EXAMPLES_A_ROUND = 2_000


def main(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="how long; the target that has begun is finished")] = 600,
    only: Annotated[str, typer.Option(help="targets with this in their name")] = "",
) -> None:
    """Fuzz; exit 1 with the smallest failing example of the first target that fails."""
    # Nothing is kept between rounds, so that each makes examples of its own.
    settings.register_profile(
        "round", max_examples=_EXAMPLES_A_ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    settings.load_profile("round")  # read when a target is defined, so before it is imported
    targets = {name: target for name, target in _targets() if only in name}
    if not targets:
        typer.echo(f"fuzz: no target has {only!r} in its name", err=True)
        raise typer.Exit(2)
    began = time.monotonic()
    rounds = 0
    while time.monotonic() - began < seconds:
        rounds += 1
        for name, target in targets.items():
            started = time.monotonic()
            target()
            done, took = rounds * _EXAMPLES_A_ROUND, time.monotonic() - started
            typer.echo(
                f"{time.monotonic() - began:7.0f} s of {seconds:.0f}  {done:>9,} examples  {took:5.1f} s  {name}"
            )
    typer.echo(f"nothing found in {rounds * _EXAMPLES_A_ROUND * len(targets):,} examples")


def _targets() -> Iterator[tuple[str, Callable[[], None]]]:
    """Every test of this folder, once for each of its parameters."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.fuzz.{file.stem}")
        for name, found in vars(module).items():
            if name.startswith("test_"):
                yield from _calls(f"{file.stem.removeprefix('test_')}.{name.removeprefix('test_')}", found)


def _calls(name: str, target: Callable[..., None]) -> Iterator[tuple[str, Callable[[], None]]]:
    marks: list[pytest.Mark] = [mark for mark in getattr(target, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        yield name, target
    for mark in marks:  # one a target is all there is
        argument, values = mark.args
        for value in values:
            yield f"{name}[{mark.kwargs['ids'](value)}]", partial(target, **{argument: value})


if __name__ == "__main__":
    typer.run(main)
