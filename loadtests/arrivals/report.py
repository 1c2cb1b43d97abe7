"""What a run comes to: one JSON line for programs, a table for people."""

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtests.arrivals.histogram import Percentiles


class Report(Struct, frozen=True, kw_only=True):
    """Times in milliseconds but `seconds`; rates a second. `void` says why the run does not count; empty if it does.

    * `latency`: from when a callback was due to the answer that acknowledged it, over those acknowledged.
    * `from_write`: that answer from the write of its own delivery: what a closed loop would have called latency.
    * `unacked`: from due to given up, over those that nobody acknowledged.
    * `lag`: the generator's own, from due to the begin of the first delivery.
    * `answers`: one word a delivery, as in SpikeRow.
    * `cpu_share`: the generator's share of one core; near 1 it is the generator that was measured.
    """

    tool: str = "arrivals"
    shape: str
    void: tuple[str, ...]
    seconds: float
    arrivals: int
    offered_rate: float
    acked: int
    acked_rate: float
    failed: int
    skipped: int
    repeats: int
    repeats_skipped: int
    answers: dict[str, int]
    connections_opened: int
    connections_most: int
    source_addresses: int
    cpu_share: float
    latency: Percentiles
    from_write: Percentiles
    unacked: Percentiles
    lag: Percentiles


def render(report: Report) -> RenderableType:
    """The report for people."""
    table = Table(show_edge=False, pad_edge=False, box=None)
    table.add_column("milliseconds")
    for heading in ("count", "p50", "p90", "p99", "p99.9", "max"):
        table.add_column(heading, justify="right")
    for name, figures in (
        ("acknowledged, from when it was due", report.latency),
        ("acknowledged, from its write", report.from_write),
        ("given up, from when it was due", report.unacked),
        ("our own lag", report.lag),
    ):
        if figures.count:
            table.add_row(name, f"{figures.count:,}", *(f"{value:,.1f}" for value in _columns(figures)))
    answers = ", ".join(f"{count:,} × {word}" for word, count in sorted(report.answers.items()))
    lines: list[RenderableType] = [
        Text(f"{report.shape}: {report.arrivals:,} arrivals, {report.offered_rate:,.0f} a second on average"),
        Text(f"{report.acked:,} acknowledged, {report.failed:,} given up, {report.skipped:,} skipped"),
        table,
        Text(f"answers: {answers or 'none'}; {report.repeats:,} repeats, {report.repeats_skipped:,} of them skipped"),
        Text(
            f"{report.connections_most:,} connections at most from {report.source_addresses} source "
            f"address{'es' if report.source_addresses > 1 else ''}; generator at {report.cpu_share:.0%} of a core"
        ),
    ]
    lines.extend(Text(f"VOID: {reason}", style="bold red") for reason in report.void)
    if not report.void:
        lines.append(Text("the run counts", style="bold green"))
    return Group(*lines)


def _columns(figures: Percentiles) -> tuple[float, ...]:
    return figures.p50, figures.p90, figures.p99, figures.p999, figures.max
