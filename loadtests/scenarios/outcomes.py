"""The custom statistics: what became of callbacks and pushes, beside Locust's own figures of requests.

How it works: an outcome is a row of its own in Locust's statistics, with the outcome as its type. It is kept out of the
total, so that rates and percentiles there stay those of requests. As rows they come over from workers, and appear on
the web page, in the HTML report and in CSV files, without more ado; the web page has a tab of them besides.
"""

from collections.abc import Iterator

from flask import Response, request
from locust.env import Environment
from locust.stats import RequestStats
from locust.web import WebUI

from loadtests.scenarios.measured import OUTCOMES

_TAB = "outcomes"
_COLUMNS = (
    ("outcome", "Outcome"),
    ("of", "Of"),
    ("count", "Count"),
    ("median_ms", "Median (ms)"),
    ("p99_ms", "99th percentile (ms)"),
    ("slowest_ms", "Slowest (ms)"),
    ("meaning", "Meaning"),
)


def record(environment: Environment, outcome: str, of: str, seconds: float) -> None:
    """Count one; `of` is what it happened to (`callback`, `push`, …), `seconds` how long that took."""
    environment.stats.get(of, outcome).log(round(seconds * 1000), 0)


def counts(stats: RequestStats) -> dict[str, int]:
    """How often each outcome was recorded, whatever it happened to."""
    return {
        name: sum(entry.num_requests for (_, outcome), entry in stats.entries.items() if outcome == name)
        for name in OUTCOMES
    }


def extend_web_page(web_ui: WebUI) -> None:
    """Add the tab "Outcomes" to Locust's web page."""
    web_ui.template_args |= {
        "extended_tabs": [{"title": "Outcomes", "key": _TAB}],
        "extended_tables": [{"key": _TAB, "structure": [{"key": key, "title": title} for key, title in _COLUMNS]}],
    }
    app, stats = web_ui.app, web_ui.environment.stats
    assert app is not None  # noqa: S101 – a web page without an application is none

    @app.after_request
    def add_rows(response: Response) -> Response:
        """The page asks for this address once a second, and shows what it finds under the tab's key."""
        if request.path.endswith("/stats/requests") and isinstance(response.json, dict):
            extended = [{"key": _TAB, "data": list(_rows(stats))}]
            response.set_data(app.json.dumps({**response.json, "extended_stats": extended}))
        return response


def _rows(stats: RequestStats) -> Iterator[dict[str, int | str]]:
    for (of, outcome), entry in sorted(stats.entries.items()):
        if outcome in OUTCOMES:
            yield {
                "outcome": outcome,
                "of": of,
                "count": entry.num_requests,
                "median_ms": entry.median_response_time,
                "p99_ms": entry.get_response_time_percentile(0.99),
                "slowest_ms": entry.max_response_time,
                "meaning": OUTCOMES[outcome],
            }
