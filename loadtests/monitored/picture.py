"""The graphs of the overview dashboard over a run, as SVG: its queries, asked of the Prometheus that watched it."""

import json
import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.monitored.dashboards import FOLDER, fill_in
from loadtests.monitored.prometheus import Prometheus, Series
from loadtests.report.svg import COLOURS, dress, render

_UNITS = {"s": "seconds", "reqps": "a second", "ops": "a second", "short": "", "percentunit": "share"}
_COLUMNS = 3
_STEP_SECONDS = 1.0
_RATE_INTERVAL = "5s"  # of scrapes a second: on a dashboard it would be four of its own scrapes
_BEFORE_SECONDS, _AFTER_SECONDS = 2.0, 1.0


def overview_picture(prometheus: Prometheus, began: float, ended: float, title: str) -> str:
    """Every graph of the overview, from just before the run to its end. Series that were always 0 are left out.

    Raises QueryError if Prometheus does not answer.
    """
    dashboard = json.loads((FOLDER / "overview.json").read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] == "timeseries"]
    rows = -(-len(panels) // _COLUMNS)
    start, end = began - _BEFORE_SECONDS, ended + _AFTER_SECONDS

    def fill(figure: Figure) -> None:
        for panel, axes in zip(panels, figure.subplots(rows, _COLUMNS).flat, strict=False):
            for target in panel["targets"]:
                query = fill_in(target["expr"], _RATE_INTERVAL)
                for series in prometheus.query_range(query, start, end, _STEP_SECONDS):
                    _draw(axes, series, target["legendFormat"], began)
            _label(axes, panel["title"], _UNITS[panel["fieldConfig"]["defaults"]["unit"]], end - began)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)

    return render("monitoring", (13, 2.5 * rows), fill, small=True)


def _draw(axes: Axes, series: Series, legend: str, began: float) -> None:
    points = [(at - began, value) for at, value in series.points if value == value]  # noqa: PLR0124  not a number: no answer
    if not any(value for _, value in points):
        return
    colour = COLOURS[len(axes.lines) % len(COLOURS)]
    axes.plot(*zip(*points, strict=True), color=colour, marker="", label=legend_of(series.labels, legend))


def legend_of(labels: dict[str, str], legend: str) -> str:
    """A series' name as Grafana makes it of `{{label}}`."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), legend).strip()


def _label(axes: Axes, title: str, unit: str, length: float) -> None:
    axes.set_title(title)
    axes.set_ylabel(unit)
    axes.set_xlim(-_BEFORE_SECONDS, length)
    dress(axes)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", fontsize=7, handlelength=1.2)
