"""The proof: a gateway that stalls for 1.4 s shows in the open loop's p99, and not in a closed loop's.

`python -m loadtests.arrivals.proof` starts a stand, and twice stops its gateway (SIGSTOP) in the middle of a run: once
under the arrival generator, once under a closed loop of a few connections, each of which sends the next callback when
the last is answered, at the same pace. In the stall the closed loop sends nothing, so it has one slow sample a
connection and all others from better times; the open loop's arrivals come all the same, and all of them waited.

Exit status: 0 proven, 1 not, 2 wrong usage or no stand, 3 the open-loop run is void.
"""

import os
import signal
from functools import partial
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct

from loadtests.arrivals.engine import Snapshot
from loadtests.arrivals.histogram import Histogram, Percentiles
from loadtests.arrivals.lag import Bounds
from loadtests.arrivals.options import ArrivalOptions
from loadtests.arrivals.report import Report
from loadtests.arrivals.runner import Run, run_arrivals
from loadtests.arrivals.schedule import Constant
from loadtests.generators.callback_spike import SpikeOptions, run_spike
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.process import StandError
from loadtests.stand.stand import Stand, open_stand
from loadtests.stand.workers import workers

_ENDLESS = 10_000_000
_VOID = 3
_MILLI = 1000


class ProofOptions(Struct, frozen=True, kw_only=True):
    """Both loops run for `seconds` against one gateway that is stopped for `stall` seconds in the middle.

    The stall must hold more than 1 % of the arrivals, or no p99 could show it.
    """

    rate: float = 2_000
    seconds: float = 8.0
    stall: float = 1.4
    connections: int = 8

    @property
    def shown(self) -> float:
        """What the p99 must reach, in seconds.

        Of the arrivals in the stall those at its begin waited longest. The slowest 1 % of all came in its first
        `seconds / 100`; a fifth of the stall is left for the time that SIGSTOP takes and for a slow machine.
        """
        return self.stall * 0.8 - self.seconds / 100


class Proof(Struct, frozen=True, kw_only=True):
    """What both loops said of the same stall; milliseconds. `stalled`: how many answers took at least half of it."""

    stall: float
    shown: float
    open_loop: Percentiles
    open_stalled: int
    closed_loop: Percentiles
    closed_stalled: int
    report: Report

    @property
    def revealed(self) -> bool:
        """Whether the open loop's p99 contains the stall."""
        return self.open_loop.p99 >= self.shown

    @property
    def hidden(self) -> bool:
        """Whether the closed loop's p99 does not."""
        return self.closed_loop.p99 < self.stall / 2


async def prove(options: ProofOptions) -> Proof:
    """Run both loops.

    Raises:
        StandError: a process did not start.
        ValueError: the stall cannot show in the p99.
    """
    if not options.seconds / 50 < options.stall < options.seconds / 2:
        raise ValueError("--stall must be above a fiftieth and below half of --seconds")
    platform = SimulatorOptions()
    async with open_stand(platform) as stand:
        gateway = workers(stand.serve_pid)["gateway-0"]
        opened = await _open_loop(options, platform, stand, gateway)
        closed = await _closed_loop(options, platform, stand, gateway)
    half = options.stall / 2
    return Proof(
        stall=round(options.stall * _MILLI, 1),
        shown=round(options.shown * _MILLI, 1),
        open_loop=opened.report.latency,
        open_stalled=opened.latency.at_least(half),
        closed_loop=closed.percentiles(),
        closed_stalled=closed.at_least(half),
        report=opened.report,
    )


async def _open_loop(options: ProofOptions, platform: SimulatorOptions, stand: Stand, gateway: int) -> Run:
    # All that arrives in the stall is in flight at its end; twice that, for what comes while the rest is caught up.
    in_flight = int(2 * options.rate * options.stall) + 64
    arrivals = ArrivalOptions(
        url=stand.callback_url,
        account=platform.account,
        shape=Constant(rate=options.rate, seconds=options.seconds),
        in_flight=in_flight,
        opened=in_flight,
        # An error of a tenth of the stall decides nothing here.
        bounds=Bounds(lag=options.stall / 10),
    )
    begun = trio.Event()

    def watch(snapshot: Snapshot) -> None:
        if snapshot.elapsed and not begun.is_set():
            trio.from_thread.run_sync(begun.set)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stall, options, gateway, begun)
        return await trio.to_thread.run_sync(partial(run_arrivals, arrivals, watch))


async def _closed_loop(options: ProofOptions, platform: SimulatorOptions, stand: Stand, gateway: int) -> Histogram:
    spike = SpikeOptions(
        url=stand.callback_url,
        account=platform.account,
        count=_ENDLESS,
        seconds=options.seconds,
        connections=options.connections,
        per_second=options.rate,
        repeat_share=0,
        seed=2,
    )
    begun = trio.Event()

    def watch(_ended: int, _acked: int) -> None:
        begun.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_stall, options, gateway, begun)
        ledger = await run_spike(spike, watch)
    latencies = Histogram()
    for row in ledger.rows:
        if row.acked:
            latencies.record(row.latency)
    return latencies


async def _stall(options: ProofOptions, gateway: int, begun: trio.Event) -> None:
    """Stop the gateway in the middle of the run; it always goes on again."""
    await begun.wait()
    await trio.sleep((options.seconds - options.stall) / 2)
    os.kill(gateway, signal.SIGSTOP)
    try:
        await trio.sleep(options.stall)
    finally:
        os.kill(gateway, signal.SIGCONT)


app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    rate: Annotated[float, typer.Option(help="arrivals a second of the open loop")] = 2_000,
    seconds: Annotated[float, typer.Option(help="of each loop")] = 8.0,
    stall: Annotated[float, typer.Option(help="seconds that the gateway is stopped")] = 1.4,
    connections: Annotated[int, typer.Option(help="of the closed loop")] = 8,
) -> None:
    """Stall a gateway under an open and under a closed loop."""
    try:
        proof = trio.run(prove, ProofOptions(rate=rate, seconds=seconds, stall=stall, connections=connections))
    except (ValueError, StandError) as error:
        typer.echo(f"proof: {error}", err=True)
        raise typer.Exit(2) from error
    for name, figures, stalled in (
        ("open loop", proof.open_loop, proof.open_stalled),
        ("closed loop", proof.closed_loop, proof.closed_stalled),
    ):
        typer.echo(
            f"{name:12} p50 {figures.p50:8.1f}  p99 {figures.p99:8.1f}  max {figures.max:8.1f} ms; "
            f"{stalled:,} of {figures.count:,} saw half of the stall or more",
            err=True,
        )
    for reason in proof.report.void:
        typer.echo(f"VOID: {reason}", err=True)
    print(msgspec.json.encode(proof).decode())
    raise typer.Exit(_VOID if proof.report.void else int(not (proof.revealed and proof.hidden)))


if __name__ == "__main__":
    app()
