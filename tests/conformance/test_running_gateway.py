"""R11: the whole corpus against a running `serve`, over sockets, each row on a connection of its own."""

import re
from pathlib import Path

import pytest
import trio

from tests.conformance.http_case import BODY_LIMIT, Case
from tests.conformance.http_requests import CASES
from tests.runtime.serving import running, write_configuration

pytestmark = pytest.mark.e2e

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")
_ENDS_EARLY = 400  # what a request gets whose sender is done before its end


async def answers(address: tuple[str, int], raw: bytes) -> list[int]:
    """The statuses of all final answers; returns only when the gateway has closed."""
    stream = await trio.open_tcp_stream(*address)
    received = b""
    async with stream:
        await stream.send_all(raw)
        await stream.send_eof()
        async for data in stream:
            received += data
    return [int(status) for status in _STATUS.findall(received) if status != b"100"]


def mistake(case: Case, statuses: list[int]) -> str:
    """What is wrong with the answers to a row; empty if nothing is."""
    served, rest = statuses[: case.accepted], statuses[case.accepted :]
    ends = [[case.status]] if case.status else [[], [_ENDS_EARLY]]
    if len(served) < case.accepted or any(status not in {200, 404, 405} for status in served) or rest not in ends:
        return f"{case.name}: answered {statuses}, expected {case.accepted} and {case.status or 'no refusal'}"
    return ""


async def test_every_row_is_answered_as_the_corpus_says(tmp_path: Path) -> None:
    write_configuration(tmp_path, server=f"max_body_bytes = {BODY_LIMIT}")
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        found = [mistake(case, await answers(serving.address, case.raw)) for case in CASES]
        assert list(filter(None, found)) == []
        assert await serving.get("/livez") == (200, "live")
    assert not any("Traceback" in str(line) for line in serving.lines)
