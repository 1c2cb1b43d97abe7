"""What is found of the day's quota, in both ledgers."""

import httpx
import pytest
from msgspec import json

from pushers.quotas.answer import PlatformCount
from queues.account import ApiLimit
from queues.limits.holds import park
from queues.readings.account_stats import QuotaStat
from runtime.doctor.checks import quota
from runtime.doctor.checks.quota import judge
from tests.runtime.doctor.deployments import ACCOUNT, deployment


def ours(spent: int, *, held: bool = False) -> QuotaStat:
    return QuotaStat("traffic", "template", ApiLimit(per_day=1000), spent, 60 if held else 0)


def theirs(used: int, limit: int = 1000) -> PlatformCount:
    return PlatformCount(limit, used)


def found(mine, platforms) -> dict[str, str]:
    return {each.found: each.severity for each in judge(ACCOUNT, "template", 1000, mine, platforms)}


def test_enough_is_left():
    assert found(ours(300), theirs(300)) == {"700 of 1,000 template calls left today": "ok"}


def test_little_is_left():
    assert found(ours(950), theirs(950)) == {"50 of 1,000 template calls left today": "warning"}


def test_the_smaller_of_both_ledgers_counts():
    assert found(ours(300), theirs(340))["660 of 1,000 template calls left today"] == "ok"


def test_the_platform_allows_less_than_is_configured():
    told = found(ours(0), theirs(0, limit=500))
    assert told["the platform allows 500 template calls a day, per_day is 1,000"] == "warning"


def test_somebody_else_spends_the_quota():
    told = found(ours(100), theirs(400))
    assert told["the platform counted 400 template calls today, we made 100"] == "warning"


def test_an_api_that_is_held_back():
    told = found(ours(1000, held=True), theirs(1000))
    assert told["template is held back: its quota is used up, or the account is stopped"] == "error"


def test_a_platform_that_does_not_tell_leaves_our_own_ledger():
    assert found(ours(300), None) == {
        "700 of 1,000 template calls left today": "ok",
        "the platform does not tell its template quota": "note",
    }


def test_without_both_nothing_is_claimed():
    assert found(None, None) == {"the platform does not tell its template quota": "note"}


@pytest.mark.parametrize("answer", [{"errcode": 48001}, "not an object"])
async def test_both_ledgers_are_read(store, answer):
    def platform(request: httpx.Request) -> httpx.Response:
        token = {"access_token": "T-1", "expires_in": 7200}
        return httpx.Response(200, content=json.encode(token if "stable" in request.url.path else answer))

    await park(store, "traffic", "template", 60)
    findings = {each.found: each.severity for each in await quota.examine(deployment(platform, store=store))}
    assert findings == {
        "template is held back: its quota is used up, or the account is stopped": "error",
        "1,000 of 1,000 template calls left today": "ok",
        "the platform does not tell its template quota": "note",
    }


async def test_the_platforms_count_is_asked_for_each_api_with_a_limit(store):
    asked: list[str] = []

    def platform(request: httpx.Request) -> httpx.Response:
        if "stable" in request.url.path:
            return httpx.Response(200, json={"access_token": "T-1", "expires_in": 7200})
        asked.append(json.decode(request.content)["cgi_path"])
        return httpx.Response(200, json={"errcode": 0, "quota": {"daily_limit": 800, "used": 300, "remain": 500}})

    findings = {each.found: each.severity for each in await quota.examine(deployment(platform, store=store))}
    assert asked == ["/cgi-bin/message/template/send"]
    assert findings == {
        "the platform allows 800 template calls a day, per_day is 1,000": "warning",
        "the platform counted 300 template calls today, we made 0": "warning",
        "500 of 1,000 template calls left today": "ok",
    }
