"""The README's first push and first callback, run as they stand there (but for the ports, which may be taken)."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

pytestmark = pytest.mark.e2e


def block(beginning: str) -> str:
    [found] = [text for text in BLOCKS if text.startswith(beginning)]
    return found


@contextmanager
def running(command: str, folder: Path, **environ: str) -> Iterator[str]:
    """Run one of the README's commands until the end of the block; the address it says it is ready at."""
    arguments = [sys.executable, *command.split()[1:]]
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, env=os.environ | environ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        try:
            assert line.startswith("ready: "), (folder / "log").read_text()
            yield line.removeprefix("ready: ").strip()
        finally:
            process.terminate()
            assert process.wait(timeout=120) == 0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory) -> Iterator[str]:
    """`simulate` and `serve` as the README starts them."""
    folder = tmp_path_factory.mktemp("readme")
    simulate = block(".venv/bin/python run.py simulate").partition(" --callback-url")[0]
    serve = block(".venv/bin/python run.py serve")
    with (
        running(f"{simulate} --bind 127.0.0.1:0", folder) as platform,
        running(
            serve,
            folder,
            TIDEGATE_SERVER__BIND="127.0.0.1:0",
            TIDEGATE_METRICS__BIND="127.0.0.1:0",
            TIDEGATE_STORE__DATA_DIR=str(folder / "data"),
            TIDEGATE_ACCOUNTS__0__API_BASE=platform,
        ) as address,
    ):
        url = json.dumps({"url": f"{address}/callback/city"})
        subprocess.run(["curl", "-sf", f"{platform}/_sim/callback_url", "-d", url], check=True)
        yield address


def shell(script: str, gateway: str) -> str:
    script = script.replace("http://127.0.0.1:8080", gateway).replace(".venv/bin/python", sys.executable)
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"TIDEGATE_URL": gateway},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_push_is_delivered(gateway):
    first = json.loads(shell(block("curl -s http"), gateway))
    [result] = first["results"]
    assert result["status"] == "queued"
    assert json.loads(shell(block("curl -s http"), gateway))["results"] == [result | {"status": "duplicate"}]
    status = block(".venv/bin/python run.py status").partition(" ID")[0] + " " + result["id"]
    ends = time.monotonic() + 120
    while "delivered" not in (shown := shell(status, gateway)):
        assert time.monotonic() < ends, shown


def test_the_first_callback_is_answered_success_however_often(gateway):
    script = block("timestamp=")
    assert [shell(script, gateway) for _ in range(2)] == ["success", "success"]
