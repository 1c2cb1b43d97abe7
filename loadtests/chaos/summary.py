"""A verdict for people: the figures that decide it. All others stand in its JSON."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtests.chaos.runner import Verdict


def render_verdict(verdict: Verdict) -> RenderableType:
    """What was expected beside what was measured, and whether the run passed."""
    table = Table(show_edge=False, pad_edge=False, box=None)
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("expected")
    for figure, judged in verdict.expectations.items():
        measured = "not measured" if judged.measured is None else f"{judged.measured:,g}"
        table.add_row(figure, measured, judged.expected, style="" if judged.met else "bold red")
    end = "passed" if verdict.passed else "FAILED"
    style = "bold green" if verdict.passed else "bold red"
    return Group(table, Text(f"{verdict.scenario} {end}; faults committed: {len(verdict.faults):,}", style=style))
