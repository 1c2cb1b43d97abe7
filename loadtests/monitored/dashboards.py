"""Asks Prometheus what each panel of the dashboards asks, and names those that get no answer."""

import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from loadtests.monitored.prometheus import ROOT, Prometheus, QueryError
from loadtests.stand.configuration import ACCOUNT

FOLDER = ROOT / "monitoring" / "dashboards"
_RATE_INTERVAL = "1m"


class PanelQuery(Struct, frozen=True):
    """One query of one panel, with the dashboard's variables filled in."""

    dashboard: str
    panel: str
    expression: str
    legend: str


class Silent(Struct, frozen=True):
    """A query that returned no series, or an error."""

    dashboard: str
    panel: str
    expression: str
    error: str = ""


def panel_queries(folder: Path = FOLDER) -> Iterator[PanelQuery]:
    """Every query of every dashboard."""
    for file in sorted(folder.glob("*.json")):
        dashboard = json.loads(file.read_text())
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                yield PanelQuery(file.stem, panel["title"], fill_in(target["expr"]), target["legendFormat"])


def fill_in(expression: str, rate_interval: str = _RATE_INTERVAL) -> str:
    """A dashboard's query with its variables given."""
    return expression.replace("$__rate_interval", rate_interval).replace("$account", ACCOUNT)


def silent_panels(prometheus: Prometheus) -> tuple[int, list[Silent]]:
    """How many queries there are, and those that are not answered with data."""
    queries = list(panel_queries())
    silent = []
    for query in queries:
        try:
            error, found = "", bool(prometheus.query(query.expression))
        except QueryError as refused:
            error, found = str(refused), False
        if not found:
            silent.append(Silent(query.dashboard, query.panel, query.expression, error))
    return len(queries), silent
