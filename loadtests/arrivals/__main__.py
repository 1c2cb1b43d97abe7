"""`python -m loadtests.arrivals`: callbacks on a schedule, against one URL.

Exit status: 0 the run counts, 2 wrong usage, 3 the run is void; the figures are printed in both cases. How many
callbacks were acknowledged is a finding, not a failure.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from loadtests.arrivals.lag import Bounds
from loadtests.arrivals.live_line import LiveLine
from loadtests.arrivals.options import MOST_DELIVERIES, ArrivalOptions
from loadtests.arrivals.report import render
from loadtests.arrivals.runner import Run, run_arrivals
from loadtests.arrivals.shape_flags import ShapeName, shape_of
from loadtests.ledgers import write_rows
from loadtests.platform.options import CallbackKeys, Mode, SimulatorOptions

VOID = 3
_DEMO = SimulatorOptions()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    url: Annotated[str, typer.Option(help="http://HOST:PORT/callback/ACCOUNT")],
    token: Annotated[str, typer.Option(envvar="TIDEGATE_ARRIVALS_TOKEN", help="the account's callback token")],
    shape: Annotated[ShapeName, typer.Option(help="the course of the arrivals")] = "constant",
    rate: Annotated[
        float | None, typer.Option(help="arrivals a second; before and after a spike; a step's first")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="how long arrivals come")] = None,
    to: Annotated[float | None, typer.Option(help="step: the last rate")] = None,
    steps: Annotated[int | None, typer.Option(help="step: how many")] = None,
    peak: Annotated[float | None, typer.Option(help="spike: its rate")] = None,
    spike_at: Annotated[float | None, typer.Option(help="spike: when it begins")] = None,
    spike_seconds: Annotated[float | None, typer.Option(help="spike: how long it lasts")] = None,
    trace: Annotated[Path | None, typer.Option(help="trace: a file of `offset` or `offset count` lines")] = None,
    speed: Annotated[float | None, typer.Option(help="trace: how much faster to play it")] = None,
    in_flight: Annotated[int, typer.Option(help="most deliveries at one time; arrivals beyond are skipped")] = 4_000,
    opened: Annotated[
        int | None, typer.Option(help="connections made before the start  [default: 64, or the cap]")
    ] = None,
    deliveries: Annotated[int, typer.Option(help="how often a callback is delivered at most")] = MOST_DELIVERIES,
    deadline: Annotated[float, typer.Option(help="seconds to wait for an answer")] = 5.0,
    pause: Annotated[
        float | None, typer.Option(help="seconds before a repeat, after silence none  [default: 0.5]")
    ] = None,
    mode: Annotated[Mode, typer.Option(help="the account's message mode")] = "plaintext",
    aes_key: Annotated[str, typer.Option(envvar="TIDEGATE_ARRIVALS_AES_KEY", help="needed unless plaintext")] = "",
    app_id: Annotated[str, typer.Option(help="needed unless plaintext")] = "",
    original_id: Annotated[str, typer.Option(help="the account's original id")] = _DEMO.original_id,
    max_lag: Annotated[float, typer.Option(help="seconds; void if the generator's own p99 lag is longer")] = 0.020,
    max_skipped: Annotated[float, typer.Option(help="share; void if more arrivals are skipped")] = 0.001,
    seed: Annotated[int, typer.Option(help="of the callbacks, and of Poisson gaps")] = 1,
    ledger: Annotated[Path | None, typer.Option(help="keep a row for each callback, for the audit")] = None,
    i_own_this_system: Annotated[bool, typer.Option("--i-own-this-system", help="load a target off loopback")] = False,
) -> None:
    """Send callbacks when they are due, whether or not the gateway keeps up."""
    line = LiveLine()
    try:
        if mode == "plaintext" and app_id:
            raise ValueError("--app-id makes no sense with --mode plaintext")  # noqa: TRY301 – one place reports
        if mode != "plaintext" and not app_id:
            raise ValueError(f"--app-id is needed with --mode {mode}")  # noqa: TRY301 – one place reports
        if pause is not None and deliveries == 1:
            raise ValueError("--pause makes no sense with --deliveries 1")  # noqa: TRY301 – one place reports
        given = {
            "rate": rate,
            "seconds": seconds,
            "to": to,
            "steps": steps,
            "peak": peak,
            "at": spike_at,
            "lasts": spike_seconds,
            "path": trace,
            "speed": speed,
        }
        run = run_arrivals(
            ArrivalOptions(
                url=url,
                account=CallbackKeys(token=token, app_id=app_id, original_id=original_id, mode=mode, aes_key=aes_key),
                shape=shape_of(shape, given),
                in_flight=in_flight,
                opened=min(64, in_flight) if opened is None else opened,
                deliveries=deliveries,
                deadline=deadline,
                pause=0.5 if pause is None else pause,
                bounds=Bounds(lag=max_lag, skipped=max_skipped),
                owned=i_own_this_system,
                seed=seed,
            ),
            line,
        )
        if ledger:
            write_rows(ledger, run.rows)
    except (ValueError, OSError) as error:
        typer.echo(f"arrivals: {error}", err=True)
        raise typer.Exit(2) from error
    finally:
        line.end()
    _show(run)
    raise typer.Exit(VOID if run.report.void else 0)


def _show(run: Run) -> None:
    Console(stderr=True).print(render(run.report))
    print(msgspec.json.encode(run.report).decode())


if __name__ == "__main__":
    app()
