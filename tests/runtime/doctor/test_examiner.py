"""All checks together, how they are shown, and how the command ends."""

import io
import json

import pytest
from rich.console import Console

from queues.settings import StoreSettings
from runtime import cli
from runtime.configuration.settings import Settings
from runtime.doctor.deployment import open_deployment
from runtime.doctor.examiner import examine
from runtime.doctor.finding import error, good, note, warning
from runtime.doctor.report import draw, is_healthy, summary
from tests.runtime.doctor.deployments import deployment
from tests.runtime.serving import running, write_configuration

BAD = error("store", "appendonly no", "it loses", "appendonly yes")
WARNED = warning("machine", "little room", "it fills", "make room")


async def test_a_check_that_fails_is_a_finding_and_hides_no_other():
    async def broken(_deployment):
        raise RuntimeError("hush-hush")

    async def sound(_deployment):
        return [good("store", "well")]

    first, second = await examine(deployment(), (broken, sound))
    assert (first.severity, first.found) == ("warning", "test_examiner could not be examined: RuntimeError")
    assert second.found == "well"


async def test_every_finding_that_is_not_good_has_a_consequence():
    findings = await examine(deployment(callback_url="http://gate.test:81"))
    assert findings
    assert all(finding.consequence for finding in findings if finding.severity in {"error", "warning"})
    assert all(finding.remedy for finding in findings if finding.severity in {"error", "warning"})


async def test_a_data_directory_of_another_user_is_a_finding_and_hides_no_other(tmp_path):
    (tmp_path / "file").touch()
    settings = Settings(store=StoreSettings(data_dir=str(tmp_path / "file" / "data")))
    async with open_deployment(settings, None, "") as unseen:
        found = {finding.subject: finding.found for finding in await examine(unseen) if finding.severity == "error"}
    assert "cannot look into" in found["store"]


def test_the_worst_stands_first_with_what_comes_of_it_and_what_to_do():
    console = Console(file=io.StringIO(), width=80)
    console.print(draw([good("store", "well"), WARNED, BAD]))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert lines == [
        "error store appendonly no", "so: it loses", "fix: appendonly yes",
        "warning machine little room", "so: it fills", "fix: make room",
        "ok store well", "", "1 error, 1 warning, 1 ok",
    ]  # fmt: skip


def test_only_errors_are_unhealthy_unless_it_is_strict():
    assert is_healthy([WARNED, note("x", "y")], strict=False)
    assert not is_healthy([WARNED], strict=True)
    assert not is_healthy([BAD], strict=False)
    assert summary([BAD, BAD, note("x", "y")]) == "2 errors, 1 note"


@pytest.fixture
def in_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_platform_that_is_not_there_is_status_1_and_no_secret_is_shown(in_directory, capsys):
    write_configuration(in_directory)
    assert cli.run(["doctor", "--json"]) == 1
    out = capsys.readouterr().out
    findings = [json.loads(line) for line in out.splitlines()]
    assert any(
        finding["found"].startswith("http://127.0.0.1:9 cannot be reached: ConnectError") for finding in findings
    )
    for secret in ("hush", "callback9", "upstream-key"):
        assert secret not in out


def test_a_wrong_configuration_is_status_2(in_directory, capsys):
    assert cli.run(["doctor", "--config", "gone.toml"]) == 2
    assert capsys.readouterr().err == "tidegate: gone.toml: no such file\n"


def test_a_callback_url_that_is_none_is_status_2(in_directory, capsys):
    assert cli.run(["doctor", "--callback-url", "https://push.example.com:80808"]) == 2
    assert "--callback-url: expected a URL such as https://push.example.com" in capsys.readouterr().err


@pytest.mark.e2e
async def test_a_running_serve_is_examined(tmp_path, capsys):
    file = write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        host, port = serving.address
        async with running(f"doctor --json --config {file} --callback-url http://{host}:{port}", tmp_path) as doctor:
            assert await doctor.ended() == 1  # there is no platform at its api_base
    findings = {found["found"]: found["severity"] for found in map(json.loads, doctor.said.splitlines())}
    assert findings["appendonly yes, appendfsync always"] == "ok"
    assert any("(the limit of serve)" in words for words in findings)
    assert any("/callback/traffic proves itself to the platform" in words for words in findings)
