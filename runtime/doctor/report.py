"""Shows findings; does no I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runtime.doctor.finding import ORDER, Finding, Severity

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "cyan", "ok": "green"}


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity; the order of the checks among equals."""
    return sorted(findings, key=lambda finding: ORDER.index(finding.severity))


def is_healthy(findings: Iterable[Finding], *, strict: bool) -> bool:
    """Whether nothing is wrong; `strict` counts warnings as wrong."""
    wrong = ORDER[: 2 if strict else 1]
    return not any(finding.severity in wrong for finding in findings)


def draw(findings: Sequence[Finding]) -> RenderableType:
    """A table: what is, what comes of it, what to do."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for finding in worst_first(findings):
        words = Text(finding.found)
        if finding.consequence:
            words.append(f"\nso:  {finding.consequence}", "dim")
        if finding.remedy:
            words.append(f"\nfix: {finding.remedy}", "italic")
        table.add_row(Text(finding.severity, _STYLES[finding.severity]), finding.subject, words)
    return Group(table, Text(f"\n{summary(findings)}", "bold"))


def summary(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 3 notes, 12 ok`."""
    counts = Counter(finding.severity for finding in findings)
    words = [
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 or severity == 'ok' else 's'}"
        for severity in ORDER
        if counts[severity]
    ]
    return ", ".join(words)
