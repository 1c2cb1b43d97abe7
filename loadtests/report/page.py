"""The report as one HTML page that needs nothing else: plots are inline, styles too."""

import io
from collections.abc import Sequence
from pathlib import Path

import jinja2
from msgspec import Struct
from rich.console import Console

from loadtests.audit.summary import render
from loadtests.report import plots, series
from loadtests.report.machine import Commit, Machine
from loadtests.report.recording import Recording
from loadtests.report.tables import Table

_AUDIT_COLUMNS = 110
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Plot(Struct, frozen=True):
    """A plot and what to see in it."""

    svg: str
    caption: str


class Origin(Struct, frozen=True, kw_only=True):
    """Where a report comes from. `date` is ISO 8601, `command` what to type to make it again."""

    date: str
    commit: Commit
    command: str
    machine: Machine


def headline(recording: Recording) -> str:
    """The run in one line, for the page and for the README's picture."""
    audit = recording.audit
    return (
        f"{audit.callbacks.acked:,} callbacks and {audit.pushes.acked:,} pushes acknowledged, {audit.lost:,} lost, "
        f"{audit.appended_twice + audit.pushes.delivered_twice_count:,} twice"
    )


def figures(recording: Recording) -> tuple[tuple[str, str], ...]:
    """The run's figures by name."""
    acked = [row for row in recording.spike if row.acked]
    latencies = sorted(row.latency * 1e3 for row in acked)
    spike_seconds = _span([(row.began, row.ended) for row in recording.spike])
    drain = _span([(row.at, row.at) for row in recording.sends])
    accepted = sum(not row.repeat for row in recording.sends)
    waited = max((depth.pushes for depth in recording.depths), default=0)
    rows = [("callbacks acknowledged", f"{len(acked):,} in {spike_seconds:.1f} s, {_rate(len(acked), spike_seconds)}")]
    if latencies:
        shown = [f"{name} {value:,.0f} ms" for name, value in _latency_figures(latencies)]
        rows.append(("callback latency", f"{', '.join(shown)}; the platform waits 5,000 ms"))
    rows.append(("pushes accepted", f"{accepted:,} in {drain:.1f} s, {_rate(accepted, drain)}"))
    rows.extend(
        ("most sends in any second", f"{limit.peak:,} of {limit.window_limit:,} allowed")
        for limit in recording.audit.limits
    )
    rows.append(("most pushes waiting", f"{waited:,}"))
    rows.append(("shed", f"{sum(series.shed(recording, series.length(recording))):,.0f} callbacks"))
    rows.append(("everything through", "yes" if recording.drained else "no, time was up"))
    return tuple(rows)


def page(recording: Recording, origin: Origin, tables: Sequence[Table] = ()) -> str:
    """The whole page."""
    return _templates.get_template("page.html.j2").render(
        origin=origin,
        headline=headline(recording),
        passed=recording.audit.passed,
        figures=figures(recording),
        plots=[Plot(_inline(plot.svg), plot.caption) for plot in _plots(recording)],
        audit=_audit_text(recording),
        tables=tables,
    )


def _plots(recording: Recording) -> list[Plot]:
    drawn = [
        Plot(
            plots.throughput(recording),
            "Callbacks come as fast as they are answered (64 connections, each waits for its answer); pushes leave at"
            " the pace the platform allows.",
        ),
        Plot(
            plots.latency(recording),
            "Each point is one second's callbacks. The platform gives up after 5,000 ms and mutes those who fail.",
        ),
        Plot(
            plots.depth(recording),
            "Looked at every half second. Pushes wait for the limit, on disk; events are worked on in the background.",
        ),
        Plot(
            plots.waits(recording),
            "A push counts in the second in which the platform accepted it. High has the largest share and bulk the"
            " smallest, but none waits for another to be empty.",
        ),
    ]
    if any(series.shed(recording, series.length(recording))):
        drawn.append(Plot(plots.shed(recording), "They come again within the platform's three tries."))
    return drawn


def _inline(svg: str) -> str:
    """An SVG document as an element of a page: without what stands before its root."""
    return svg[svg.index("<svg") :]


def _audit_text(recording: Recording) -> str:
    text = io.StringIO()
    Console(file=text, width=_AUDIT_COLUMNS).print(render(recording.audit))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _latency_figures(ordered: Sequence[float]) -> tuple[tuple[str, float], ...]:
    return (("median", series.rank(ordered, 0.5)), ("99 %", series.rank(ordered, 0.99)), ("slowest", ordered[-1]))


def _span(intervals: Sequence[tuple[float, float]]) -> float:
    if not intervals:
        return 0.0
    return max(end for _, end in intervals) - min(begin for begin, _ in intervals)


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f} a second" if seconds else "at once"
