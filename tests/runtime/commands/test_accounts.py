"""`quota` and `resume`, against a gateway made of answers."""

import json
from typing import Any

import httpx
import pytest

from runtime import cli


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200, json={"account": "city"} if request.method == "GET" else {"resumed": 2})

    real = httpx.Client

    def client(**given: Any) -> httpx.Client:
        return real(**{**given, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setenv("TIDEGATE_KEY", "upstream-key-1")
    return got


def test_a_quota_is_shown(requests: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["quota", "city"]) == 0
    assert json.loads(capsys.readouterr().out) == {"account": "city"}
    assert requests[0].url.path == "/v1/accounts/city/quota"


def test_an_account_goes_on(requests: list[httpx.Request], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["resume", "city", "--template", "T1"]) == 0
    assert capsys.readouterr().out == "2 resumed\n"
    assert requests[0].url.path == "/v1/accounts/city/resume"
    assert json.loads(requests[0].content) == {"template": "T1"}
