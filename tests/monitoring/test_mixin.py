"""What others vendor: the same alerts and dashboards, for their labels and their address of the runbooks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from monitoring.mixin import select

ROOT = Path(__file__).parents[2]
promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("tidegate_store_up == 0", 'tidegate_store_up{job="t"} == 0'),
        ("rate(tidegate_x_total{a='b'}[5m])", "rate(tidegate_x_total{a='b',job=\"t\"}[5m])"),
        ("tidegate:callbacks_bad:ratio_rate5m > 1", "tidegate:callbacks_bad:ratio_rate5m > 1"),
    ],
)
def test_matchers_are_added_to_our_metrics_and_not_to_what_is_recorded_of_them(query, selected):
    assert select(query, 'job="t"') == selected


@pytest.fixture
def vendored(tmp_path):
    command = [
        sys.executable,
        "-m",
        "monitoring.mixin",
        tmp_path,
        '--selector=job="prod"',
        "--runbooks=https://wiki/rb/",
    ]
    subprocess.run(command, check=True, cwd=ROOT)
    return tmp_path


@pytest.mark.e2e
def test_every_file_is_written_for_whoever_vendors_it(vendored):
    for folder in ("alerts", "dashboards"):
        ours = {file.name for kind in ("yml", "json") for file in (ROOT / "monitoring" / folder).glob(f"*.{kind}")}
        assert {file.name for file in (vendored / folder).iterdir()} == ours
    [alert] = [
        rule
        for rule in yaml.safe_load((vendored / "alerts" / "store.yml").read_text())["groups"][0]["rules"]
        if rule["alert"] == "TidegateStoreDown"
    ]
    assert alert["expr"] == 'tidegate_store_up{job="prod"} == 0'
    assert alert["annotations"]["runbook_url"] == "https://wiki/rb/TidegateStoreDown.md"
    assert 'job=\\"prod\\"' in (vendored / "dashboards" / "overview.json").read_text()


@pytest.mark.e2e
@promtool
def test_prometheus_accepts_what_is_vendored(vendored):
    for file in (vendored / "alerts").iterdir():
        checked = subprocess.run(["promtool", "check", "rules", file], check=False, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.e2e
@promtool
def test_prometheus_accepts_the_configuration_of_make_monitor():
    file = ROOT / "monitoring" / "prometheus.yml"
    checked = subprocess.run(["promtool", "check", "config", file], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_compose_mounts_what_is_there_and_both_agree_on_the_port():
    folder = ROOT / "monitoring"
    services = yaml.safe_load((folder / "compose.yml").read_text())["services"]
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert all((folder / path).exists() for path in mounted if path.startswith("."))
    [source] = yaml.safe_load((folder / "grafana" / "datasources.yml").read_text())["datasources"]
    assert f"--web.listen-address={source['url'].removeprefix('http://')}" in services["prometheus"]["command"]
