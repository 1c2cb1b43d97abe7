"""`python -m loadtests.report`: the standard run and its report; exit status 0 only if the audit passed."""

import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import trio
import typer

from loadtests.audit.platform_reader import PlatformUnreachableError
from loadtests.report import plots
from loadtests.report.machine import current_commit, look_around
from loadtests.report.page import Origin, headline, page
from loadtests.report.standard_run import Size, record, standard_plan
from loadtests.report.tables import NoResultsError, read_tables
from loadtests.stand.process import StandError


def main(
    *,
    callbacks: Annotated[int, typer.Option(help="callbacks of the spike")] = Size().callbacks,
    pushes: Annotated[int, typer.Option(help="pushes of the campaign")] = Size().pushes,
    seconds: Annotated[float, typer.Option(help="the most that the generators may take")] = Size().seconds,
    folder: Annotated[Path, typer.Option(help="where the report goes")] = Path("loadtests/results"),
    picture: Annotated[Path | None, typer.Option(help="where the README's picture goes; none without it")] = None,
    include: Annotated[list[Path] | None, typer.Option(help="JSON lines to show as a table; repeat for more")] = None,
) -> None:
    """Spike, campaign, audit, page."""
    try:
        tables = [table for path in include or () for table in read_tables(path)]
    except NoResultsError as error:
        typer.echo(f"report: {error}", err=True)
        raise typer.Exit(2) from error
    commit, began = current_commit(), time.time()
    try:
        recording = trio.run(record, standard_plan(Size(callbacks=callbacks, pushes=pushes, seconds=seconds)))
    except* (StandError, PlatformUnreachableError) as group:
        typer.echo(f"report: {group.exceptions[0]}", err=True)
        raise typer.Exit(1) from None
    date = datetime.fromtimestamp(began, UTC)
    origin = Origin(
        date=f"{date:%Y-%m-%d %H:%M} UTC",
        commit=commit,
        command=shlex.join(["python", "-m", "loadtests.report", *sys.argv[1:]]),
        machine=look_around(recording.store),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{date:%Y-%m-%d}-{commit.name or 'unknown'}.html"
    path.write_text(page(recording, origin, tables), encoding="utf-8")
    if picture is not None:
        title = f"{headline(recording)}; everything on {origin.machine.cores} cores"
        picture.write_text(plots.readme_picture(recording, title), encoding="utf-8")
    print(path)
    raise typer.Exit(0 if recording.audit.passed else 1)


if __name__ == "__main__":
    typer.run(main)
