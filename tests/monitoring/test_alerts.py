"""Every alert has a severity, words, a runbook and a test in which it fires and ends, and asks only for what exists."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.monitoring.series import unknown_in

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "monitoring" / "alerts"
RULE_FILES = sorted(FOLDER.glob("*.yml"))
TEST_FILES = sorted((FOLDER / "tests").glob("*.yml"))
RULES = [rule for file in RULE_FILES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
SECTIONS = ("## Confirm", "## What to do", "## Over when")

promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")


def titled(alert) -> str:
    return f"{alert['alert']} ({alert['labels']['severity']})"


@pytest.mark.parametrize("alert", ALERTS, ids=titled)
def test_an_alert_says_how_urgent_it_is_and_what_it_means(alert):
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert len(alert["annotations"]["summary"]) < 120


@pytest.mark.parametrize("alert", ALERTS, ids=titled)
def test_an_alert_has_a_runbook_that_begins_with_what_it_means(alert):
    page = ROOT / alert["annotations"]["runbook_url"]
    assert page.name == f"{alert['alert']}.md"
    text = page.read_text()
    assert text.startswith(f"# {alert['alert']}\n")
    positions = [text.index(section) for section in SECTIONS]
    assert positions == sorted(positions)


def test_a_runbook_belongs_to_an_alert_and_points_to_pages_and_metrics_that_exist():
    pages = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
    assert {page.stem for page in pages} == {alert["alert"] for alert in ALERTS}
    for page in pages:
        text = page.read_text()
        assert not list(unknown_in(text)), page.name
        linked = [part.partition(")")[0] for part in text.split("](")[1:]]
        assert all((page.parent / target).exists() for target in linked), page.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_only_for_what_is_exported_or_recorded(rule):
    assert not list(unknown_in(rule["expr"]))
    recorded = {word for word in rule["expr"].split() if word.startswith("tidegate:")}
    assert recorded <= RECORDED


def test_an_alert_has_a_test_in_which_it_fires_and_ends():
    tested = {
        test["name"].partition(",")[0]
        for file in TEST_FILES
        for test in yaml.safe_load(file.read_text())["tests"]
        if [bool(check["exp_samples"]) for check in test["promql_expr_test"]] == [False, True, False]
    }
    assert tested == {titled(alert) for alert in ALERTS}


@pytest.mark.e2e
@promtool
@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.name)
def test_prometheus_accepts_the_rules(file):
    checked = subprocess.run(["promtool", "check", "rules", file], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.e2e
@promtool
@pytest.mark.parametrize("file", TEST_FILES, ids=lambda file: file.name)
def test_each_alert_fires_and_ends(file):
    tested = subprocess.run(["promtool", "test", "rules", file], check=False, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr
