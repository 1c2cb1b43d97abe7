"""The plots of a recording, as SVG text. Every axis of a quantity begins at zero and names its unit."""

from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from loadtests.report import series
from loadtests.report.recording import Recording
from loadtests.report.series import Series
from loadtests.report.svg import BLUE, COLOURS, GREY, ORANGE, dress, render

_WIDTH, _HEIGHT = 9.0, 2.7

Draw = Callable[[Axes], None]


def throughput(recording: Recording) -> str:
    """Callbacks acknowledged and pushes accepted a second, with the limit that the pushes have."""
    return _picture("throughput", recording, [partial(_draw_throughput, recording)])


def latency(recording: Recording) -> str:
    """The callbacks' latency, percentiles of each second."""
    return _picture("latency", recording, [partial(_draw_latency, recording, slowest=True)])


def depth(recording: Recording) -> str:
    """What waited in the store."""
    return _picture("depth", recording, [partial(_draw_depth, recording)])


def waits(recording: Recording) -> str:
    """How long pushes waited for their turn, by priority."""
    return _picture("waits", recording, [partial(_draw_waits, recording)])


def shed(recording: Recording) -> str:
    """Callbacks that were told to come later."""
    return _picture("shed", recording, [partial(_draw_shed, recording)])


def readme_picture(recording: Recording, title: str) -> str:
    """Throughput above the latency, one time axis."""
    panels: list[Draw] = [
        partial(_draw_throughput, recording),
        partial(_draw_latency, recording, slowest=False),
    ]
    return _picture("picture", recording, panels, title)


def _picture(name: str, recording: Recording, panels: Sequence[Draw], title: str = "") -> str:
    def fill(figure: Figure) -> None:
        for panel, axes in zip(panels, figure.subplots(len(panels), squeeze=False)[:, 0], strict=True):
            panel(axes)
            axes.set_xlim(0, series.length(recording))
            dress(axes)
        axes.set_xlabel("seconds since the run began")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12)

    return render(name, (_WIDTH, _HEIGHT * len(panels)), fill)


def _stairs(axes: Axes, line: Series, colour: str) -> None:
    """Counts of whole seconds: a flat step a second, since nothing is known within it."""
    axes.stairs(line.values, color=colour, linewidth=1.8, label=line.name)
    axes.stairs(line.values, color=colour, alpha=0.12, fill=True)


def _legend(axes: Axes, columns: int) -> None:
    """Above the plot, at its right, where no line runs; none if there is no line."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, borderaxespad=0.1, handlelength=1.5)


def _draw_throughput(recording: Recording, axes: Axes) -> None:
    for line, colour in zip(series.throughput(recording, series.length(recording)), COLOURS, strict=False):
        _stairs(axes, line, colour)
    axes.axhline(
        recording.per_second, color=GREY, linestyle="--", linewidth=1.2, marker="", label="limit of the pushes"
    )
    axes.set_title("Throughput")
    axes.set_ylabel("a second")
    _legend(axes, 3)


def _draw_latency(recording: Recording, axes: Axes, *, slowest: bool) -> None:
    by_second = series.callback_latency(recording, series.length(recording))
    lines = [("median", by_second.p50, BLUE), ("99th percentile", by_second.p99, ORANGE)]
    if slowest:
        lines.append(("slowest", by_second.most, GREY))
    for name, values, colour in lines:
        axes.plot(_middles(values), values, color=colour, label=name)
    axes.set_title("Callback latency")
    axes.set_ylabel("milliseconds")
    _legend(axes, 3)


def _draw_depth(recording: Recording, axes: Axes) -> None:
    times = [depth.at for depth in recording.depths]
    for name, values, colour in (
        ("pushes waiting", [depth.pushes for depth in recording.depths], ORANGE),
        ("events not yet worked on", [depth.events for depth in recording.depths], BLUE),
    ):
        axes.plot(times, values, color=colour, label=name)
    axes.set_title("Waiting in the store")
    axes.set_ylabel("entries")
    _legend(axes, 2)


def _draw_waits(recording: Recording, axes: Axes) -> None:
    for line, colour in zip(series.push_waits(recording, series.length(recording)), COLOURS, strict=False):
        axes.plot(_middles(line.values), line.values, color=colour, label=line.name)
    axes.set_title("Pushes: from the 202 to the platform, median by priority")
    axes.set_ylabel("seconds")
    _legend(axes, 3)


def _draw_shed(recording: Recording, axes: Axes) -> None:
    values = series.shed(recording, series.length(recording))
    _stairs(axes, Series("answered 429 or 503", values), ORANGE)
    axes.set_title("Shed: callbacks told to come later")
    axes.set_ylabel("a second")


def _middles(values: Sequence[float]) -> list[float]:
    """What was measured over a second stands in its middle."""
    return [second + 0.5 for second in range(len(values))]
