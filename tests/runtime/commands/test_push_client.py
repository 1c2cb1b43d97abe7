"""The operator's verbs, against a gateway made of answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime import cli
from runtime.commands.push_client import PushClient
from runtime.commands.push_file import read_pushes
from runtime.errors import CommandError, ConfigurationError

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def busy() -> list[httpx.Response]:
    """Answers to give before any push is taken."""
    return []


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, busy: list[httpx.Response]) -> list[httpx.Request]:
    """A gateway that answers each request with the next of `answers`; the requests it got."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if request.url.path == "/v1/pushes":
            if busy:
                return busy.pop()
            pushes = [json.loads(line) for line in request.content.splitlines()]
            results = [
                {"status": "rejected", "error": f"pushes[{index}].to: required"}
                if not push.get("to")
                else {"id": "0-X", "status": "queued"}
                for index, push in enumerate(pushes)
            ]
            return httpx.Response(202, json={"results": results})
        if request.url.path == "/v1/dead":
            return problem(400, "Not understood", "account: not an account this upstream may use")
        if request.url.path == "/v1/pushes/0-X":
            if request.method == "DELETE":
                return problem(409, "Conflict", "already sent")
            return httpx.Response(200, json={"id": "0-X", "state": "sent"})
        return problem(404, "Not found", "")

    real = httpx.Client

    def client(**given: Any) -> httpx.Client:
        return real(**{**given, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("TIDEGATE_KEY", "upstream-key-1")
    return requests


def problem(status: int, title: str, detail: str) -> httpx.Response:
    return httpx.Response(status, json={"type": "about:blank", "title": title, "status": status, "detail": detail})


def test_a_push_by_flags(gateway: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--account", "traffic", "--to", "o1", "--template", "t", "--data", "a=1=2", "--priority", "high"]
    assert cli.run(["push", *flags]) == 0
    assert capsys.readouterr().out == "0-X queued\n"
    assert gateway[0].headers["authorization"] == "Bearer upstream-key-1"
    assert gateway[0].headers["content-type"] == "application/x-ndjson"
    assert json.loads(gateway[0].content) == {
        "account": "traffic",
        "to": "o1",
        "template_id": "t",
        "data": {"a": "1=2"},
        "priority": "high",
    }


def test_a_gateway_without_room_is_waited_for_and_asked_the_same_again(
    gateway: list[httpx.Request], busy: list[httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("runtime.commands.push_client.time.sleep", slept.append)
    dated = httpx.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 08:00:00 GMT"})  # as a proxy may say it
    busy += [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "7"}), dated]
    assert cli.run(["push", "--account", "traffic", "--to", "o1"]) == 0
    assert slept == [1, 7, 1]
    assert len({request.headers["idempotency-key"] for request in gateway}) == 1
    assert len({request.content for request in gateway}) == 1


def test_who_is_told_to_wait_too_long_is_told_why(
    gateway: list[httpx.Request], busy: list[httpx.Response], capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = problem(429, "Over the rate", "this upstream may enqueue 1 pushes a second")
    refusal.headers["Retry-After"] = "1000"
    busy.append(refusal)
    assert cli.run(["push", "--account", "traffic", "--to", "o1"]) == 1
    assert "429 Over the rate: this upstream may enqueue 1" in capsys.readouterr().err


def test_a_large_file_goes_in_several_requests_and_shows_how_far_it_is(
    gateway: list[httpx.Request],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "pushes.ndjson"
    file.write_text('{"account": "a", "to": "o1"}\n' * 6_000)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert cli.run(["push", str(file)]) == 0
    out, err = capsys.readouterr()
    assert [len(request.content.splitlines()) for request in gateway] == [5_000, 1_000]
    assert out.count("queued") == 6_000
    assert err == "\r5,000 of 6,000 pushes\r6,000 of 6,000 pushes\n"


def test_a_rejected_push_is_status_1(
    gateway: list[httpx.Request], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "pushes.ndjson"
    file.write_text('{"account": "a", "to": "o1"}\n{"account": "a"}\n')
    assert cli.run(["push", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == "0-X queued\nrejected pushes[1].to: required\n"
    assert err == "tidegate: 1 rejected\n"


def test_a_rejected_push_is_named_by_its_place_in_the_file(
    gateway: list[httpx.Request], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "pushes.ndjson"
    file.write_text('{"account": "a", "to": "o1"}\n' * 5_001 + '{"account": "a"}\n')
    assert cli.run(["push", str(file)]) == 1
    assert capsys.readouterr().out.endswith("\nrejected pushes[5001].to: required\n")


def test_what_the_gateway_does_not_understand_is_wrong_usage(
    gateway: list[httpx.Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["dead", "list", "--account", "nope"]) == 2
    assert capsys.readouterr().err == (
        "tidegate: GET /v1/dead: 400 Not understood: account: not an account this upstream may use\n"
    )


def test_status_is_shown_and_a_refused_cancel_explained(
    gateway: list[httpx.Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["status", "0-X"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "0-X", "state": "sent"}
    assert cli.run(["cancel", "0-X"]) == 1
    assert capsys.readouterr().err == "tidegate: DELETE /v1/pushes/0-X: 409 Conflict: already sent\n"


@pytest.mark.parametrize(
    ("flag", "text", "words"),
    [
        ("--server", "gateway:8080", "--server: expected a URL such as http://127.0.0.1:8080"),
        ("--server", "http://[::1", "--server: expected a URL such as http://127.0.0.1:8080"),
        ("--server", "http://gateway:80808", "--server: expected a URL such as http://127.0.0.1:8080"),
        ("--key", "schlüssel-eins", "--key: expected printable ASCII characters"),
        ("--key", "env:NOT_SET", "--key: the environment variable NOT_SET is not set"),
    ],
)
def test_a_flag_that_cannot_be_right_is_named(
    flag: str, text: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEGATE_KEY", "upstream-key-1")
    assert cli.run(["status", "0-X", flag, text]) == 2
    assert capsys.readouterr().err.startswith(f"tidegate: {words}")


def test_an_answer_that_is_not_ours_is_a_clear_error() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    refused = pytest.raises(CommandError, match=r"answers with something that is not JSON; is it a Tidegate\?")
    with PushClient("http://gateway", "key", transport) as client, refused:
        client.call("GET", "/v1/pushes/0-X")


@pytest.mark.parametrize(
    "text",
    [
        '{"to": "a"}',
        '[{"to": "a"}]',
        '{"pushes": [{"to": "a"}]}',
        '{"to": "a"}\n\n',
    ],
)
def test_every_form_of_a_file_is_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pushes"
    file.write_text(text)
    assert read_pushes(str(file)) == [{"to": "a"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "expected push objects"),
        ("", "there is no push in it"),
        ('{"pushes": []}', "there is no push in it"),
        ('{"to": "a"}\n{"to":', "not JSON: "),
        ("nonsense", "not JSON: "),
    ],
)
def test_a_file_that_holds_no_pushes_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "pushes"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        read_pushes(str(file))
