"""The picture asks what the dashboard asks, and leaves out what was never anything."""

import math

from loadtests.monitored.dashboards import panel_queries
from loadtests.monitored.picture import legend_of, overview_picture
from loadtests.monitored.prometheus import Series


class Answering:
    """A Prometheus that answers everything with one line, one that stays at 0, and a moment without an answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query_range(self, expression, start, end, step):
        self.asked.append(expression)
        times = [start, start + step, end]
        return [
            Series({"result": "accepted", "queue": "high"}, tuple(zip(times, (1.0, math.nan, 3.0), strict=True))),
            Series({"result": "nothing", "queue": "nothing"}, tuple((at, 0.0) for at in times)),
        ]


def test_every_graph_of_the_overview_is_drawn_under_its_title():
    prometheus = Answering()
    svg = overview_picture(prometheus, 1000, 1010, "A run")
    titles = {query.panel for query in panel_queries() if query.dashboard == "overview"}
    assert "A run" in svg
    assert {"Callbacks", "Pushes waiting", "Loop lag"} <= {title for title in titles if title in svg}
    assert "accepted" in svg
    assert "nothing" not in svg
    assert all("$" not in query for query in prometheus.asked)


def test_a_legend_is_made_of_labels():
    assert legend_of({"account": "city", "queue": "high"}, "{{account}} {{queue}}") == "city high"
    assert legend_of({}, "99 %") == "99 %"
