"""The command against a `/metrics` that answers, fails, and comes back."""

import io
import json
from itertools import chain, repeat

import httpx
import pytest
import trio
from rich.console import Console

from runtime import cli
from runtime.errors import ConfigurationError
from runtime.top.observer import observe
from runtime.top.session import look_once, watch
from runtime.top.source import ScrapeError, Source
from runtime.version import VERSION
from tests.runtime.serving import running, write_configuration
from tests.runtime.top.samples import AFTER, BEFORE, interval

URL = "http://gate:9090/metrics"


def source_of(*answers: str | int) -> Source:
    """Answers one after the other, the last one for ever; a number is a status."""
    following = chain(answers, repeat(answers[-1]))

    def answer(request: httpx.Request) -> httpx.Response:
        body = next(following)
        if body == "gone":
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(body) if isinstance(body, int) else httpx.Response(200, text=body)

    return Source(URL, httpx.MockTransport(answer))


async def test_one_look_is_two_scrapes_apart(autojump_clock):
    snapshot = await look_once(source_of(BEFORE, AFTER), 2.0)
    assert trio.current_time() == 2
    assert snapshot.flow.sends > 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("gone", f"cannot reach {URL}: refused"),
        (503, f"{URL}: 503 Service Unavailable"),
        ("<html>", f"{URL}: not in Prometheus's text format; is it the address of metrics.bind?"),
        ("up 1\n", f"{URL}: no metric of Tidegate's is in it; is it the address of metrics.bind?"),
    ],
)
async def test_metrics_that_cannot_be_read_are_one_line(answer, words):
    with pytest.raises(ScrapeError) as caught:
        await look_once(source_of(answer), 2.0)
    assert str(caught.value) == words


async def test_trouble_goes_by_and_the_screen_stays(autojump_clock):
    console = Console(file=io.StringIO(), force_terminal=True, width=160, height=60)
    with trio.move_on_after(8):
        await watch(source_of(BEFORE, AFTER, "gone", AFTER), 2.0, console)
    shown = console.file.getvalue()
    assert shown.count(f"cannot reach {URL}: refused") == 1
    assert shown.count("callbacks in") == 4


def test_an_address_that_is_none_is_wrong_usage():
    with pytest.raises(ConfigurationError, match="--metrics: expected a URL"):
        Source("localhost:9090")


def test_without_a_terminal_it_says_what_to_use(capsys):
    assert cli.run(["top"]) == 1
    assert capsys.readouterr().err == "tidegate: stdout is no terminal; use --once or --json\n"


def test_nobody_there_is_status_1(capsys):
    assert cli.run(["top", "--once", "--metrics", "http://127.0.0.1:9/metrics"]) == 1
    assert capsys.readouterr().err.startswith("tidegate: cannot reach http://127.0.0.1:9/metrics: ")


def test_a_picture_that_cannot_be_kept_is_status_1(monkeypatch, capsys, tmp_path):
    async def look(_source, _every):
        return observe(interval())

    monkeypatch.setattr("runtime.top.session.look_once", look)
    assert cli.run(["top", "--svg", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"tidegate: --svg: cannot write {tmp_path}: Is a directory\n"


@pytest.mark.e2e
async def test_a_running_serve_is_shown(tmp_path):
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        address = (await serving.logged("metrics are exported"))["bind"]
        look = f"top --json --every 0.2 --metrics http://{address}/metrics"
        async with running(look, tmp_path) as top:
            assert await top.ended() == 0
    snapshot = json.loads(top.said)
    assert snapshot["version"] == VERSION
    assert [account["name"] for account in snapshot["accounts"]] == ["traffic"]
    assert snapshot["store"]["memory_bytes"] > 0
    assert {role["role"] for role in snapshot["roles"] if role["processes"]} >= {"gateway"}
