"""`python -m loadtests.monitored`: R18, as one JSON line; exit status 0 if all is equal, quiet and answered."""

from pathlib import Path
from typing import Annotated

import msgspec
import trio
import typer

from loadtests.monitored.prometheus import Prometheus, PrometheusMissingError
from loadtests.monitored.run import run_monitored
from loadtests.rehearsal import LIVELY, Load, Plan
from loadtests.stand.options import StandOptions
from loadtests.stand.process import StandError


def main(
    *,
    callbacks: Annotated[int, typer.Option(min=1)] = 10_000,
    pushes: Annotated[int, typer.Option(min=1)] = 5_000,
    seconds: Annotated[float, typer.Option(min=1, help="the most the generators may take")] = 30.0,
    per_second: Annotated[int, typer.Option(min=1, help="the account's limit on pushes")] = 1_000,
    picture: Annotated[Path | None, typer.Option(help="an SVG of the overview's graphs, to be written")] = None,
) -> None:
    """Watch a rehearsal with a real Prometheus: counters against the audit, alerts, the dashboards' queries."""
    plan = Plan(
        platform=LIVELY,
        load=Load(callbacks=callbacks, pushes=pushes, seconds=seconds),
        stand=StandOptions(gateways=2, pushers=2, per_second=per_second),
    )

    def draw(prometheus: Prometheus, began: float, ended: float) -> None:
        if picture is not None:
            from loadtests.monitored.picture import overview_picture  # noqa: PLC0415  matplotlib is needed for this alone

            title = f"{callbacks:,} callbacks, {pushes:,} pushes at {per_second:,}/s; every worker replaced on the way"
            picture.write_text(overview_picture(prometheus, began, ended, title))

    try:
        monitored = trio.run(run_monitored, plan, draw)
    except* (StandError, PrometheusMissingError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        typer.echo(f"monitored: {error}", err=True)
        raise typer.Exit(1) from None
    for each in monitored.compared:
        typer.echo(f"{'=' if each.equal else '!'} {each.counted:>9,.0f} {each.found:>9,} {each.query}", err=True)
    summary = {
        "passed": monitored.passed,
        "equal": len(monitored.compared) - len(monitored.differing),
        "differing": monitored.differing,
        "fired": monitored.fired,
        "pending": monitored.pending,
        "panels": monitored.panels,
        "silent": monitored.silent,
        "lost": monitored.report.lost,
    }
    print(msgspec.json.encode(summary).decode())
    raise typer.Exit(0 if monitored.passed else 1)


if __name__ == "__main__":
    typer.run(main)
