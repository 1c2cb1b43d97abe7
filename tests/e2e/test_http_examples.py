"""The examples of docs/http.md, run as they stand there."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import trio

from tests.runtime.serving import ROOT, Serving, running, write_configuration

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the examples use curl"),
]

EXAMPLES = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "http.md").read_text("utf-8"), re.DOTALL)


async def said(serving: Serving, directory: Path, example: str) -> list[dict]:
    """The JSON documents that an example prints."""
    host, port = serving.address
    environ = os.environ | {"GATEWAY": f"http://{host}:{port}", "KEY": "upstream-key-1"}
    done = await trio.run_process(["sh", "-euc", example], capture_stdout=True, env=environ, cwd=directory)
    documents, text = [], done.stdout.decode()
    while text:
        document, end = json.JSONDecoder().raw_decode(text)
        documents.append(document)
        text = text[end:].lstrip()
    return documents


async def test_every_example_does_what_it_says(tmp_path):
    file = write_configuration(tmp_path)
    file.write_text(file.read_text() + "[pushers]\nprocesses = 0\n")
    one_push, lines, one_life = EXAMPLES
    async with running("serve --config tidegate.toml", tmp_path) as serving:
        await serving.ready()
        [answer] = await said(serving, tmp_path, one_push)
        assert [result["status"] for result in answer["results"]] == ["queued"]
        first, repeat = await said(serving, tmp_path, lines)
        assert [result["status"] for result in first["results"]] == ["queued", "scheduled"]
        assert repeat == first
        shown, cancelled = await said(serving, tmp_path, one_life)
        assert (shown["state"], cancelled["state"]) == ("queued", "cancelled")
        assert shown["id"] == cancelled["id"]
