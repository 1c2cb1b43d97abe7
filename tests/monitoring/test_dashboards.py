"""The dashboards: files that are what the code says, and queries that ask for what exists."""

from pathlib import Path

import pytest

from monitoring.dashboards.catalog import DASHBOARDS
from monitoring.dashboards.grafana import as_file, as_json
from tests.monitoring.series import unknown_in

FOLDER = Path(__file__).parents[2] / "monitoring" / "dashboards"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_file_is_what_the_code_says(name):
    assert (FOLDER / f"{name}.json").read_bytes() == as_file(DASHBOARDS[name])


def test_there_is_no_file_without_code():
    assert {file.stem for file in FOLDER.glob("*.json")} == set(DASHBOARDS)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_ask_for_what_is_exported(name):
    for _, panels in DASHBOARDS[name].rows:
        for panel in panels:
            assert panel.queries
            for query in panel.queries:
                assert not list(unknown_in(query.expression)), panel.title


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_fill_the_page_without_covering_each_other(name):
    taken = set()
    for panel in as_json(DASHBOARDS[name])["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + across, place["y"] + down) for across in range(place["w"]) for down in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_only_the_page_of_one_account_asks_which_one():
    chosen = {name for name, dashboard in DASHBOARDS.items() if dashboard.variables}
    asked = {name for name in DASHBOARDS if "$account" in (FOLDER / f"{name}.json").read_text()}
    assert chosen == asked == {"account"}
