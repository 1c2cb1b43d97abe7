"""The graphs of the overview dashboard over a run, as SVG: its queries, asked of the Prometheus that watched it."""

import io
import json
import re
from pathlib import Path

import matplotlib as mpl
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from loadtests.monitored.dashboards import FOLDER, fill_in
from loadtests.monitored.prometheus import Prometheus, Series

_STYLE = Path(__file__).parent.parent / "report" / "report.mplstyle"
# Okabe and Ito's palette: told apart by people who do not see all colours.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B7280")
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
    # Ids in the file must not change from run to run.
    with style.context(_STYLE), mpl.rc_context({"svg.hashsalt": "monitoring", "font.size": 8, "axes.titlesize": 9}):
        figure = Figure(figsize=(13, 2.5 * rows), layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        for panel, axes in zip(panels, figure.subplots(rows, _COLUMNS).flat, strict=False):
            for target in panel["targets"]:
                query = fill_in(target["expr"], _RATE_INTERVAL)
                for series in prometheus.query_range(query, start, end, _STEP_SECONDS):
                    _draw(axes, series, target["legendFormat"], began)
            _dress(axes, panel["title"], _UNITS[panel["fieldConfig"]["defaults"]["unit"]], end - began)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _draw(axes: Axes, series: Series, legend: str, began: float) -> None:
    points = [(at - began, value) for at, value in series.points if value == value]  # noqa: PLR0124  not a number: no answer
    if not any(value for _, value in points):
        return
    colour = _COLOURS[len(axes.lines) % len(_COLOURS)]
    axes.plot(*zip(*points, strict=True), color=colour, marker="", label=legend_of(series.labels, legend))


def legend_of(labels: dict[str, str], legend: str) -> str:
    """A series' name as Grafana makes it of `{{label}}`."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), legend).strip()


def _dress(axes: Axes, title: str, unit: str, length: float) -> None:
    axes.set_title(title)
    axes.set_ylabel(unit)
    axes.set_xlim(-_BEFORE_SECONDS, length)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", fontsize=7, handlelength=1.2)
