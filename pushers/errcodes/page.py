"""Writes docs/errcodes.md from the tables: `python -m pushers.errcodes.page > docs/errcodes.md`."""

import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import get_args

from pushers.errcodes.rule import UNKNOWN, Kind, Rule
from pushers.errcodes.table import OFFICIAL, WECOM


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            (files(__package__) / "opening.md").read_text(encoding="utf-8"),
            *_section("Official accounts", OFFICIAL),
            *_section("WeCom", WECOM),
            "## Any other code",
            "",
            f"{UNKNOWN.action.capitalize()}. The metric `tidegate_push_errcodes_total` counts it as `other`.",
            "",
        ]
    )


def _section(title: str, table: Mapping[int, Rule]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| code | class | scope | wait | repeats | the platform says | what to do |"
    yield "| ---: | --- | --- | --- | --- | --- | --- |"
    kinds = get_args(Kind)
    for code, rule in sorted(table.items(), key=lambda item: (kinds.index(item[1].kind), item[0])):
        repeats = "" if rule.repeats is None else str(rule.repeats)
        cells = (str(code), rule.kind, rule.scope, _wait(rule), repeats, rule.errmsg, rule.action)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _wait(rule: Rule) -> str:
    return f"the {rule.period} turns" if rule.period else f"{rule.wait:.0f} s" if rule.wait else ""


if __name__ == "__main__":
    sys.stdout.write(page())
