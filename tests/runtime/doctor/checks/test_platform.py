"""What is found of the platform: its token, its clock, and whether it is there."""

from email.utils import formatdate
from time import time

import httpx
import pytest
from msgspec import json, structs

from queues.token import publish_token, stored_token
from runtime.doctor.checks import platform
from tests.runtime.doctor.deployments import ACCOUNT, deployment, settings


def answering(**answers):
    """A platform that gives each path its JSON."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(
            200, content=json.encode(answers[name]), headers={"Date": formatdate(time(), usegmt=True)}
        )

    return answer, asked


async def found(answer, **changes) -> dict[str, str]:
    return {each.found: each.severity for each in await platform.examine(deployment(answer, **changes))}


TOKEN = {"access_token": "T-1", "expires_in": 7200}


async def test_without_a_stored_token_the_platform_is_asked_for_its_current_one():
    answer, asked = answering(stable_token=TOKEN, get={"errcode": 0, "quota": {}})
    assert await found(answer) == {"a fresh access token is good": "ok"}
    assert json.decode(asked[0].content)["force_refresh"] is False
    assert asked[1].url.params["access_token"] == "T-1"


async def test_a_stored_token_is_used_and_left_as_it_is(store):
    await publish_token(store, "traffic", "T-stored", 7000, caller="me")
    answer, asked = answering(get={"errcode": 0, "quota": {}})
    assert await found(answer, store=store) == {"the stored access token is good": "ok"}
    assert [request.url.params["access_token"] for request in asked] == ["T-stored"]
    assert await stored_token(store, "traffic") == "T-stored"


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (40164, "add this machine's public address to the IP allow-list in the platform's console"),
        (40125, "set the app_secret that the platform's console shows now"),
        (61024, "look the code up in docs/errcodes.md"),
    ],
)
async def test_no_token_is_an_error_with_the_way_out(code, remedy):
    answer, _ = answering(stable_token={"errcode": code, "errmsg": "no rid: 1-2-3"})
    [finding] = await platform.examine(deployment(answer))
    assert finding.severity == "error"
    assert finding.found.startswith(f"the platform gives no access token: errcode {code}")
    assert finding.remedy == remedy


async def test_a_stored_token_that_is_refused_means_that_somebody_else_fetches_tokens(store):
    await publish_token(store, "traffic", "T-stored", 7000, caller="me")
    answer, _ = answering(get={"errcode": 40001, "errmsg": "invalid credential"})
    [finding] = await platform.examine(deployment(answer, store=store))
    assert finding.severity == "error"
    assert finding.found.startswith("the stored access token is refused: errcode 40001")
    assert "T-stored" not in repr(finding)


async def test_a_platform_that_cannot_be_reached_is_an_error():
    [finding] = await platform.examine(deployment())
    assert finding.found == "https://platform.test cannot be reached: ConnectError: refused"


async def test_a_wecom_apps_token_is_tried_as_well():
    wecom = settings(structs.replace(ACCOUNT, kind="wecom"))
    answer, asked = answering(gettoken=TOKEN, get_api_domain_ip={"errcode": 0, "ip_list": []})
    assert await found(answer, settings=wecom) == {"a fresh access token is good": "ok"}
    assert [request.method for request in asked] == ["GET", "GET"]
    answer, _ = answering(gettoken=TOKEN, get_api_domain_ip={"errcode": 40014, "errmsg": "invalid access_token"})
    [words] = await found(answer, settings=wecom)
    assert words.startswith("a fresh access token is refused: errcode 40014")


@pytest.mark.parametrize(("ahead", "severity"), [(10, None), (600, "error"), (-600, "error"), (None, None)])
def test_the_platforms_clock_is_compared_with_ours(ahead, severity):
    assert [finding.severity for finding in platform.judge_clock(ACCOUNT, ahead)] == [severity] * (severity is not None)
