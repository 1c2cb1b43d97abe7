"""The files of docs/deploy say what the program does."""

import configparser
import tomllib
from pathlib import Path

import pytest
import yaml

from gateway.settings import ServerSettings
from monitoring.exporter import STALLED_SECONDS
from runtime import cli
from runtime.configuration.settings import load_settings
from tests.runtime.serving import ROOT

DEPLOY = ROOT / "docs" / "deploy"
SECRETS = {
    "STORE_URL": "redis://store:6379/0",
    "WX_SECRET": "0123456789abcdef",
    "WX_TOKEN": "callback9",
    "WX_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "VIOLATIONS_KEY": "upstream-key-1",
}


@pytest.fixture(scope="module")
def manifests() -> dict[str, dict]:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in documents}


def pod(manifests, role: str) -> dict:
    return manifests[f"Deployment/tidegate-{role}"]["spec"]["template"]["spec"]


def settings(manifests, tmp_path: Path):
    file = tmp_path / "tidegate.toml"
    file.write_text(manifests["ConfigMap/tidegate"]["data"]["tidegate.toml"])
    return load_settings(file, SECRETS)


def test_the_configuration_map_is_a_valid_configuration(manifests, tmp_path: Path) -> None:
    assert settings(manifests, tmp_path).store.url == SECRETS["STORE_URL"]


@pytest.mark.parametrize("role", ["gateway", "pusher"])
def test_pods_run_their_role_and_have_time_to_drain(manifests, tmp_path: Path, role: str) -> None:
    [container] = pod(manifests, role)["containers"]
    assert container["args"][0] == role
    assert cli.run([role, "--help"]) == 0
    drain = settings(manifests, tmp_path).server.drain_seconds
    pause = 5
    assert pod(manifests, role)["terminationGracePeriodSeconds"] > drain + pause


def test_the_image_is_named_and_run_as_the_manifests_say_and_holds_every_package(manifests) -> None:
    image = (DEPLOY / "Dockerfile").read_text()
    steps = [line.split() for line in image.splitlines() if line and not line.startswith("#")]
    for role in ("gateway", "pusher"):
        [container] = pod(manifests, role)["containers"]
        assert f"-t {container['image']} " in image
        assert ["USER", str(pod(manifests, role)["securityContext"]["runAsUser"])] in steps
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {copied[1] for copied in steps if copied[0] == "COPY"} >= set(packages["packages"])
    assert steps[-1] == ["ENTRYPOINT", f'["{cli.PROGRAM}"]']


def test_gateways_are_probed_where_they_answer(manifests, tmp_path: Path) -> None:
    [container] = pod(manifests, "gateway")["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert settings(manifests, tmp_path).server.bind == f"0.0.0.0:{ports['http']}"
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
    assert probes["startup"] == probes["readiness"] == {"path": "/readyz", "port": "http"}
    assert probes["liveness"] == {"path": "/livez", "port": "http"}


def test_pushers_are_probed_beside_their_metrics(manifests, tmp_path: Path) -> None:
    [container] = pod(manifests, "pusher")["containers"]
    [port] = container["ports"]
    assert settings(manifests, tmp_path).metrics.bind == f"0.0.0.0:{port['containerPort']}"
    probe = container["livenessProbe"]
    assert probe["httpGet"] == {"path": "/livez", "port": port["name"]}
    assert probe["periodSeconds"] * probe["failureThreshold"] > STALLED_SECONDS


def test_the_unit_waits_for_the_drain_and_has_room_for_the_connections() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(DEPLOY / "tidegate.service")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].split()[1] == "serve"
    defaults = ServerSettings()
    assert int(service["TimeoutStopSec"]) > defaults.drain_seconds
    assert int(service["LimitNOFILE"]) > defaults.max_connections
    assert service["ExecStart"].split()[0].endswith(f"/{cli.PROGRAM}")
