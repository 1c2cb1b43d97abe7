"""The interface's own description, held against a running gateway by schemathesis."""

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from tests.runtime.serving import running, write_configuration

pytestmark = pytest.mark.e2e

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"


async def test_every_answer_is_as_described_whatever_is_asked(tmp_path):
    file = write_configuration(tmp_path)
    file.write_text(file.read_text() + "operator = true\n[pushers]\nprocesses = 0\n")
    async with running("serve --config tidegate.toml", tmp_path, TIDEGATE_LOG="error") as serving:
        await serving.ready()
        host, port = serving.address
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", f"http://{host}:{port}/openapi.json", "--no-color"),
        ]
        done = await trio.run_process(command, capture_stdout=True, stderr=subprocess.STDOUT, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
