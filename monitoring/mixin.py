"""Alerts and dashboards with the labels and links of another monitoring: `python -m monitoring.mixin DIR`.

How it works: every metric of ours in a query gets the matchers that tell our series from others' there (such as
`job="tidegate",cluster="prod"`), and the links to the runbooks get the address they stand at.
"""

import argparse
import re
from pathlib import Path

from msgspec import structs

from monitoring.dashboards.catalog import DASHBOARDS
from monitoring.dashboards.grafana import as_file
from monitoring.dashboards.panel import Dashboard, Panel, Query

ALERTS = Path(__file__).parent / "alerts"
_METRIC = re.compile(r"\b(tidegate_\w+)(?:\{([^}]*)\})?")
_RUNBOOKS = "docs/runbooks/"


def select(text: str, matchers: str) -> str:
    """`text` with the matchers added to each metric of ours in it."""
    if not matchers:
        return text

    def added(found: re.Match[str]) -> str:
        own = f"{found[2]}," if found[2] else ""
        return f"{found[1]}{{{own}{matchers}}}"

    return _METRIC.sub(added, text)


def alert_files(matchers: str, runbooks: str) -> dict[str, str]:
    """The rule files by name."""
    return {
        file.name: select(file.read_text(), matchers).replace(_RUNBOOKS, runbooks)
        for file in sorted(ALERTS.glob("*.yml"))
    }


def dashboard_files(matchers: str) -> dict[str, bytes]:
    """The dashboards by name of their file."""
    return {f"{name}.json": as_file(_selected(dashboard, matchers)) for name, dashboard in DASHBOARDS.items()}


def _selected(dashboard: Dashboard, matchers: str) -> Dashboard:
    rows = tuple(
        (title, tuple(structs.replace(panel, queries=_queries(panel, matchers)) for panel in panels))
        for title, panels in dashboard.rows
    )
    variables = tuple((label, select(metric, matchers)) for label, metric in dashboard.variables)
    return structs.replace(dashboard, rows=rows, variables=variables)


def _queries(panel: Panel, matchers: str) -> tuple[Query, ...]:
    return tuple(structs.replace(query, expression=select(query.expression, matchers)) for query in panel.queries)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m monitoring.mixin", description=__doc__.partition(":")[0])
    parser.add_argument("folder", type=Path, help="written to: alerts/ and dashboards/")
    parser.add_argument("--selector", default="", help="matchers for every metric, as in PromQL")
    parser.add_argument("--runbooks", default=_RUNBOOKS, help="where docs/runbooks/ stands, ending in /")
    given = parser.parse_args()
    files: dict[str, bytes] = {
        **{f"alerts/{name}": text.encode() for name, text in alert_files(given.selector, given.runbooks).items()},
        **{f"dashboards/{name}": text for name, text in dashboard_files(given.selector).items()},
    }
    for name, content in files.items():
        path = given.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
