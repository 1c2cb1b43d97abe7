"""The audit's report for people."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtests.audit.report import WAITING, AuditReport, CallbackAudit, LimitAudit, OrderCheck

_SHOWN = 10


def render(report: AuditReport) -> RenderableType:
    """A table of the counts, the first of the cases that matter, and the verdict."""
    table = Table(show_edge=False, pad_edge=False, box=None)
    table.add_column("")
    for heading in ("sent", "acked", "arrived", "waiting", "dead", "lost", "twice"):
        table.add_column(heading, justify="right")
    for name, callbacks in (("callbacks", report.callbacks), ("receipts", report.receipts)):
        if callbacks.sent:
            table.add_row(name, *_callback_cells(callbacks))
    pushes = report.pushes
    if pushes.enqueued:
        table.add_row(
            "pushes",
            f"{pushes.enqueued:,}",
            f"{pushes.acked:,}",
            f"{pushes.count('delivered'):,}",
            f"{pushes.count(*WAITING):,}",
            f"{pushes.count('dead'):,}",
            f"{pushes.lost_count:,}",
            f"{pushes.delivered_twice_count:,}",
        )
    lines: list[RenderableType] = [table]
    lines.extend(Text(line) for line in _details(report))
    verdict = "passed" if report.passed else "FAILED"
    lines.append(Text(f"audit {verdict}: {report.lost:,} lost", style="bold green" if report.passed else "bold red"))
    return Group(*lines)


def _callback_cells(callbacks: CallbackAudit) -> tuple[str, ...]:
    counts = (callbacks.sent, callbacks.acked, callbacks.stored)
    return (*(f"{count:,}" for count in counts), "", "", f"{callbacks.lost_count:,}", f"{callbacks.twice_count:,}")


def _details(report: AuditReport) -> list[str]:
    pushes = report.pushes
    lines = []
    if pushes.states:
        lines.append("pushes by state: " + ", ".join(f"{n:,} {state}" for state, n in sorted(pushes.states.items())))
    lines.extend(f"dead: {n:,} × {reason}" for reason, n in sorted(pushes.dead_reasons.items()))
    if pushes.accepted_twice_count or pushes.repeats_dropped:
        lines.append(
            f"the platform accepted {pushes.accepted_twice_count:,} pushes twice"
            f" and dropped {pushes.repeats_dropped:,} repeats"
        )
    if pushes.unmatched_count:
        lines.append(f"{pushes.unmatched_count:,} are still sent although their receipt was acknowledged")
    lines.extend(f"lost push {lost.id}: {lost.reason}" for lost in pushes.lost[:_SHOWN])
    if poison := report.poison.marked:
        lines.append(f"poison: {report.poison.dead:,} of {poison:,} ended dead with their whole history")
    lines.extend(f"poison {each.id}: {each.reason}" for each in report.poison.faulty[:_SHOWN])
    lines.extend(f"misplaced push {push_id}" for push_id in pushes.misplaced[:_SHOWN])
    for callbacks in (report.callbacks, report.receipts):
        # Openids stay in the JSON report: a terminal's scrollback is a log too.
        lines.extend(f"lost callback {_anonymous(each)}" for each in callbacks.lost[:_SHOWN])
        lines.extend(f"appended twice: {_anonymous(each)}" for each in callbacks.appended_twice[:_SHOWN])
    lines.extend(_order_line(name, order) for name, order in _orders(report) if order.compared)
    fullest = sorted(report.limits, key=lambda each: (-each.windows_over, -each.days_over, -each.peak))
    for limit in fullest[:_SHOWN]:
        lines.extend(_limit_lines(limit))
    if fullest[_SHOWN:]:
        lines.append(f"{len(fullest) - _SHOWN:,} more accounts: at most as full as these")
    lines.extend(f"note: {note}" for note in report.notes)
    return lines


def _orders(report: AuditReport) -> tuple[tuple[str, OrderCheck], ...]:
    return (("events", report.event_order), ("pushes", report.push_order))


def _order_line(name: str, order: OrderCheck) -> str:
    found = f"{order.inverted:,} inverted" if order.inverted else "kept"
    line = f"order of one person's {name}: {found}, of {order.compared:,} that came after another"
    if order.retried:
        line += f"; {order.retried:,} retried ones left out"
    return f"{line}; {order.scattered:,} people in several streams" if order.scattered else line


def _limit_lines(limit: LimitAudit) -> list[str]:
    lines = []
    allowed = f" (and {limit.allowance:,} that were on their way)" if limit.allowance else ""
    if limit.window_limit:
        lines.append(
            f"rate {_kept(limit.windows_over)}: at most {limit.peak:,} sends in any {limit.window_seconds:g} s,"
            f" {limit.window_limit:,}{allowed} allowed"
        )
    if limit.day_limit:
        lines.append(
            f"quota {_kept(limit.days_over)}: {limit.busiest_day_sends:,} sends on {limit.busiest_day},"
            f" {limit.day_limit:,}{allowed} allowed"
        )
    return lines


def _kept(over: int) -> str:
    return "EXCEEDED" if over else "kept"


def _anonymous(identity: tuple[object, ...]) -> str:
    return " ".join(str(part) for part in identity[1:] if part)
