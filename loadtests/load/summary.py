"""A run's summary, for people and as one JSON line."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtests.audit.report import AuditReport
from loadtests.audit.summary import render
from loadtests.load.locust_run import LocustRun
from loadtests.scenarios.catalog import Plan
from loadtests.scenarios.measured import LAG, OUTCOMES, why_failed, why_void

Verdict = Literal["passed", "failed", "void"]
_STATUS: Mapping[Verdict, int] = {"passed": 0, "failed": 1, "void": 3}


class LoadSummary(Struct, frozen=True, kw_only=True):
    """What a run came to; times in seconds. `planned` and `began` count arrivals, `acked` callbacks and pushes."""

    scenario: str
    seconds: float
    planned: int
    began: int
    requests: int
    failures: int
    p50: float
    p99: float
    slowest: float
    outcomes: Mapping[str, int]
    generator_lag_p99: float
    acked: int
    audited: bool
    drained: bool
    lost: int
    appended_twice: int
    verdict: Verdict
    reasons: Sequence[str]

    @property
    def status(self) -> int:
        """The exit status."""
        return _STATUS[self.verdict]


def summarize(plan: Plan, run: LocustRun, report: AuditReport | None, *, drained: bool = True) -> LoadSummary:
    """Put a run together, and judge it: a fault of the target's counts even if the generator did not keep up."""
    measured = run.measured
    failed, void = why_failed(measured, run.acked, report), why_void(plan, measured)
    return LoadSummary(
        scenario=plan.scenario.name,
        seconds=plan.seconds,
        planned=round(plan.arrivals),
        began=measured.began,
        requests=measured.requests,
        failures=measured.failures,
        p50=measured.p50,
        p99=measured.p99,
        slowest=round(measured.slowest, 3),
        outcomes={name: count for name, count in measured.outcomes.items() if name != LAG},
        generator_lag_p99=measured.lag_p99,
        acked=run.acked,
        audited=report is not None,
        drained=drained,
        lost=report.lost if report else 0,
        appended_twice=report.appended_twice if report else 0,
        verdict="failed" if failed else "void" if void else "passed",
        reasons=(*failed, *void),
    )


def render_load(summary: LoadSummary, report: AuditReport | None) -> RenderableType:
    """The figures, the outcomes and what they mean, the audit, and the verdict with its reasons."""
    lines: list[RenderableType] = [
        Text(
            f"{summary.began:,} of {summary.planned:,} arrivals, {summary.requests:,} requests,"
            f" {summary.failures:,} failed; half within {summary.p50 * 1000:,.0f} ms,"
            f" 99 % within {summary.p99 * 1000:,.0f} ms, the slowest {summary.slowest * 1000:,.0f} ms"
        )
    ]
    outcomes = Table(show_edge=False, pad_edge=False, box=None, show_header=False)
    for name, count in summary.outcomes.items():
        if count:
            outcomes.add_row(name, f"{count:,}", OUTCOMES[name])
    lines.append(outcomes)
    lines.append(render(report) if report else Text("not audited: no --store was given"))
    if not summary.drained:
        lines.append(Text("not all of it got through in time: what is waiting is not lost"))
    lines.extend(Text(f"{summary.verdict}: {reason}") for reason in summary.reasons)
    lines.append(Text(f"load {summary.verdict}", style="bold green" if summary.verdict == "passed" else "bold red"))
    return Group(*lines)
