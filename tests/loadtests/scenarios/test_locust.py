"""Locust itself, in processes of its own: it patches the standard library, which trio would not survive in ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.scenarios.catalog import SCENARIOS

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[3]

_LOAD_EVERY_SCENARIO = """
import os, runpy, sys
from locust import LoadTestShape, User
for name in sys.argv[1:]:
    os.environ["SCENARIO"] = name
    found = {
        item for item in runpy.run_path("loadtests/locustfile.py").values()
        if isinstance(item, type) and issubclass(item, (User, LoadTestShape)) and not item.abstract
    }
    [shape] = {item for item in found if issubclass(item, LoadTestShape)}
    assert shape.scenario.name == name, (name, shape)
    users = found - {shape}
    honest = {item for item in users if hasattr(item, "post")}
    share = sum(item.weight for item in honest) / sum(item.weight for item in users)
    assert share == shape.scenario.honest, (name, share)
    print(name, *sorted(item.__name__ for item in users))
"""

_ASK_THE_WEB_PAGE = """
from locust.env import Environment
from locust.argument_parser import parse_options
from loadtests.scenarios.outcomes import extend_web_page, record
environment = Environment(parsed_options=parse_options([]))
environment.create_local_runner()
page = environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
extend_web_page(page)
for milliseconds in (100, 200, 300):
    record(environment, "acked_late", "callback", milliseconds / 1000)
client = page.app.test_client()
assert '"key": "outcomes", "title": "Outcomes"' in client.get("/").get_data(as_text=True)
[table] = client.get("/stats/requests").json["extended_stats"]
[row] = table["data"]
assert (row["outcome"], row["of"], row["count"], row["slowest_ms"]) == ("acked_late", "callback", 3, 300), row
assert environment.stats.total.num_requests == 0, "outcomes are not part of the total"
"""


def run(*command, **environ):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_every_scenario_has_a_file_with_its_users_and_its_shape():
    ended = run("-c", _LOAD_EVERY_SCENARIO, *SCENARIOS)
    assert ended.returncode == 0, ended.stderr
    assert [line.split()[0] for line in ended.stdout.splitlines()] == list(SCENARIOS)


def test_the_web_page_has_a_tab_of_outcomes():
    ended = run("-c", _ASK_THE_WEB_PAGE)
    assert ended.returncode == 0, ended.stderr


def test_what_runs_on_trio_imports_nothing_of_locust():
    ended = run("-c", "import sys, loadtests.load.__main__; print({'locust', 'gevent'} & {*sys.modules})")
    assert ended.stdout.strip() == "set()", ended.stderr


def test_the_locustfile_refuses_an_unknown_scenario_with_the_nearest():
    ended = run("-m", "locust", "-f", "loadtests/locustfile.py", "--headless", SCENARIO="callback_spik")
    assert ended.returncode == 1
    assert "SCENARIO: unknown scenario 'callback_spik': did you mean callback_spike?" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["city_dey"], "did you mean city_day"),
        (["city_day", "--scael", "1"], "--scale"),
        (["city_day", "--host", "http://example.test"], "--i-own-this-system"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_names_it(arguments, said):
    ended = run("-m", "loadtests.load", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_small_day_runs_through_two_locust_processes_and_passes_the_audit(tmp_path):
    report = tmp_path / "report.html"
    sizes = ["--users", "10", "--seconds", "3", "--scale", "0.0003", "--processes", "2"]
    ended = run("-m", "loadtests.load", "city_day", *sizes, "--html", str(report))
    summary = json.loads(ended.stdout or "{}")
    # A busy machine may make a run void, which judges the generator; that nothing is lost is judged all the same.
    assert ended.returncode in {0, 3}, ended.stderr
    assert summary["audited"]
    assert summary["acked"] > 0
    assert summary["lost"] == summary["appended_twice"] == 0
    assert summary["outcomes"]["given_up"] == 0
    assert "generator_lag" in report.read_text()
