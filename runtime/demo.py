"""`demo`: the whole of Tidegate against a simulated platform, with live progress, ended by the audit."""

import sys

import trio
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from loadtests.audit.summary import render
from loadtests.rehearsal import LIVELY, Load, Plan, Rehearsed, rehearse
from loadtests.rehearsal import Progress as Rehearsal
from loadtests.stand.process import StandError
from runtime.errors import CommandError, first_of

_REFRESH_SECONDS = 0.25
_LINE_SECONDS = 2.0


def run_demo(seconds: float) -> int:
    """Send 20,000 callbacks and 10,000 pushes, or as many as `seconds` allow; 0 if nothing was lost, else 1."""
    load = Load(callbacks=20_000, pushes=10_000, seconds=seconds, drain_seconds=15)
    try:
        rehearsed = trio.run(_run, Plan(platform=LIVELY, load=load))
    except* StandError as group:
        raise CommandError(str(first_of(group))) from None
    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(_facts(rehearsed))
    console.print(render(rehearsed.report))
    return 0 if rehearsed.report.passed else 1


async def _run(plan: Plan) -> Rehearsed:
    progress = Rehearsal()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_show_live if sys.stdout.isatty() else _show_lines, plan.load, progress)
        rehearsed = await rehearse(plan, progress)
        nursery.cancel_scope.cancel()
    return rehearsed


async def _show_live(load: Load, seen: Rehearsal) -> None:
    """Bars that move, for a terminal."""
    bars = Progress(TextColumn("{task.description:<28}"), BarColumn(40), MofNCompleteColumn())
    callbacks = bars.add_task("callbacks acknowledged", total=load.callbacks)
    enqueued = bars.add_task("pushes enqueued", total=load.pushes)
    accepted = bars.add_task("accepted by the platform", total=load.pushes)
    receipts = bars.add_task("receipts acknowledged", total=load.pushes)
    with Live(_view(seen, bars), auto_refresh=False, transient=True) as live:
        while True:
            bars.update(callbacks, completed=seen.callbacks_acked)
            bars.update(enqueued, completed=seen.pushes_acked)
            bars.update(accepted, completed=seen.platform_accepted)
            bars.update(receipts, completed=seen.receipts_acked)
            live.update(_view(seen, bars), refresh=True)
            await trio.sleep(_REFRESH_SECONDS)


def _view(seen: Rehearsal, bars: Progress) -> RenderableType:
    return Group(Text(f"Tidegate demo: {seen.stage}; {seen.backlog:,} waiting in the store", style="bold"), bars)


async def _show_lines(_load: Load, seen: Rehearsal) -> None:
    """A line now and then, for a log."""
    while True:
        sys.stdout.write(f"{seen.stage}{_so_far(seen)}\n")
        sys.stdout.flush()
        await trio.sleep(_LINE_SECONDS)


def _so_far(seen: Rehearsal) -> str:
    """Nothing while all is being started."""
    if not (seen.callbacks_acked or seen.pushes_acked):
        return ""
    return (
        f": {seen.callbacks_acked:,} callbacks acknowledged, {seen.pushes_acked:,} pushes enqueued, "
        f"{seen.platform_accepted:,} accepted by the platform, {seen.receipts_acked:,} receipts acknowledged, "
        f"{seen.backlog:,} waiting"
    )


def _facts(rehearsed: Rehearsed) -> str:
    spike, report = rehearsed.spike, rehearsed.report
    facts = (
        f"{spike.acked:,} of {len(spike.rows):,} callbacks acknowledged in {spike.seconds:.1f} s "
        f"({spike.acked / spike.seconds:,.0f} a second, the slowest after {spike.slowest:.2f} s); "
        f"{report.callbacks.repeats_sent:,} repeats came and were dropped"
    )
    return facts if rehearsed.drained else f"{facts}; time was up before everything was through"
