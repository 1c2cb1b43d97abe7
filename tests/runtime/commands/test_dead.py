"""`dead list` and `dead replay`, against a gateway made of answers."""

import json
import sys
from typing import Any

import httpx
import pytest

from runtime import cli

DEAD = [
    {
        "id": f"0-{number}",
        "account": "traffic",
        "channel": "template",
        "attempts": 8,
        "error": "errcode 47003: [bad]",
        "finished_at": "2026-05-01T00:00:00.123Z",
    }
    for number in range(3)
]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """A gateway with three dead pushes, shown one a page and replayed one a request; the requests it got."""
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        if request.method == "GET":
            index = int(request.url.params.get("cursor", "0"))
            return httpx.Response(
                200, json={"pushes": DEAD[index : index + 1], "next": str(index + 1) if index < 2 else ""}
            )
        asked = json.loads(request.content)
        if "ids" in asked:
            return httpx.Response(200, json={"replayed": len(asked["ids"]), "next": ""})
        index = int(asked.get("cursor", "0"))
        return httpx.Response(200, json={"replayed": 1, "next": str(index + 1) if index < 2 else ""})

    real = httpx.Client

    def client(**given: Any) -> httpx.Client:
        return real(**{**given, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("TIDEGATE_KEY", "upstream-key-1")
    return got


def test_a_list_is_followed_to_its_end_a_line_a_push(
    requests: list[httpx.Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["dead", "list", "--account", "traffic", "--error", "47003"]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["0-0", "0-1", "0-2"]
    assert len(requests) == 3
    assert requests[0].url.params["account"] == "traffic"
    assert requests[0].url.params["error"] == "47003"


def test_a_limit_ends_it_sooner(requests: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dead", "list", "--limit", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert len(requests) == 2


def test_a_terminal_gets_a_table(
    requests: list[httpx.Request], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "dumb")
    assert cli.run(["dead", "list"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["given", "up", "id", "account", "channel", "tries", "error"]
    assert rows[0].split() == [
        "2026-05-01",
        "00:00:00",
        "0-0",
        "traffic",
        "template",
        "8",
        "errcode",
        "47003:",
        "[bad]",
    ]
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("arguments", "count", "sent"),
    [
        ("0-1 0-2", 2, {"ids": ["0-1", "0-2"], "per_second": 20}),
        ("--all --per-second 5", 3, {"all": True, "per_second": 5}),
        ("--error 47003", 3, {"error": "47003", "per_second": 20}),
    ],
)
def test_a_replay_goes_on_until_all_is_done(
    requests: list[httpx.Request], capsys: pytest.CaptureFixture[str], arguments: str, count: int, sent: dict[str, Any]
) -> None:
    assert cli.run(["dead", "replay", *arguments.split()]) == 0
    assert capsys.readouterr().out == f"{count} replayed\n"
    assert json.loads(requests[0].content) == sent


def test_more_ids_than_one_request_takes(requests: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["dead", "replay", *(f"0-{number}" for number in range(1500))]) == 0
    assert capsys.readouterr().out == "1500 replayed\n"
    assert len(requests) == 2
