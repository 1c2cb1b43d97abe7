"""Figures as SVG text, drawn alike and the same from run to run; how they look stands in `report.mplstyle`.

matplotlib's object interface is used without pyplot, which keeps global state.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

# Okabe and Ito's palette: told apart by people who do not see all colours.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6B7280"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", GREY)
_STYLE = Path(__file__).parent / "report.mplstyle"


def render(name: str, size: tuple[float, float], fill: Callable[[Figure], None], *, small: bool = False) -> str:
    """What `fill` draws into a figure of that size in inches; `small` is for many plots in one.

    The name makes the ids of one picture differ from those of another on the same page, and of no other run.
    """
    settings: dict[Any, Any] = {"svg.hashsalt": name}
    if small:
        settings |= {"font.size": 8, "axes.titlesize": 9}
    with style.context(_STYLE), mpl.rc_context(settings):
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        fill(figure)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def dress(axes: Axes) -> None:
    """Quantities begin at zero, and time is counted in whole seconds."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
