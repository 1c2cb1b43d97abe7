"""R1 and R3, small, as anyone runs them: real processes, killed under load, ended by the audit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e

R1 = """
proves = "R1, small"
[load]
callbacks = 1_500
callbacks_per_second = 500
pushes = 600
[stand]
gateways = 2
pushers = 2
per_second = 300
claim_seconds = 2
send_seconds = 1
[[faults]]
fault = "kill"
target = ["gateway", "pusher"]
at = 1.0
every = 0.5
times = 4
[expect]
sent_twice_unexplained = 0
committed = { least = 2 }
"""

R3 = """
proves = "R3, small"
[load]
callbacks = 1_500
callbacks_per_second = 500
pushes = 600
[stand]
per_second = 200
[[faults]]
fault = "kill"
target = "store"
at = 1.5
[expect]
serving_again_seconds = { most = 5 }
committed = 1
"""


CANARY = """
proves = "no secret and no recipient gets into a log, whatever breaks"
[load]
callbacks = 600
callbacks_per_second = 300
pushes = 400
[stand]
per_second = 200
claim_seconds = 2
send_seconds = 1
logs = "everything"
[platform]
mode = "secure"
aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
token = "{token}"
faults = {{ "40003" = 0.05, "-1" = 0.05 }}
[[faults]]
fault = "kill"
target = ["gateway", "pusher"]
at = 0.5
every = 0.7
times = 2
[[faults]]
fault = "kill"
target = "store"
at = 1.5
[expect]
leaked = {leaked}
log_lines = {{ least = 400 }}
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loadtests.chaos", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("scenario", [R1, R3], ids=["R1", "R3"])
def test_nothing_is_lost(tmp_path, scenario):
    file = tmp_path / "small.toml"
    file.write_text(scenario)
    done = run(str(file), "--seed", "7")
    assert done.returncode == 0, done.stderr + done.stdout
    verdict = json.loads(done.stdout)
    assert verdict["passed"]
    assert verdict["expectations"]["lost"] == {"expected": "0", "measured": 0, "met": True}
    assert verdict["callbacks_acked"] > 0
    assert "audit passed: 0 lost" in done.stderr


@pytest.mark.parametrize(
    ("token", "leaked"),
    [("tidegateDemoToken", "0"), ("attempt", "{ least = 400 }")],
    ids=["nothing leaks", "a token that stands in every attempt's line is found"],
)
def test_the_logs_are_searched_for_secrets_and_people(tmp_path, token, leaked):
    file = tmp_path / "canary.toml"
    file.write_text(CANARY.format(token=token, leaked=leaked))
    done = run(str(file))
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["expectations"]["leaked"]["met"]


def test_a_scenario_with_a_mistake_is_wrong_usage_and_says_so_in_one_line(tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('proves = "nothing"\n[load]\ncalbacks = 1\n')
    done = run(str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "chaos: wrong.toml: load.calbacks: unknown field; did you mean callbacks?\n"
