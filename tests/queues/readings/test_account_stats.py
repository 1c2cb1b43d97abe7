import pytest

from queues.account import Account, ApiLimit
from queues.limits.holds import park, stop_account
from queues.limits.rate import LeaseRequest, lease
from queues.readings.account_stats import read_account_stats
from queues.token import publish_token

CITY = Account(
    name="city", app_id="wx1", limits={"template": ApiLimit(per_second=100, per_day=50), "custom": ApiLimit(per_day=9)}
)
UNI = Account(name="uni", app_id="wx2", limits={"template": ApiLimit()})


async def test_quotas_show_what_is_spent_today_and_what_is_held(store):
    await lease(store, LeaseRequest(account="city", api="template", limit=ApiLimit(per_day=50), wanted=7))
    await park(store, "city", "custom", 60)
    await stop_account(store, "uni", "errcode 40125", 60)
    stats = await read_account_stats(store, [CITY, UNI])
    assert [(quota.account, quota.api, quota.limit, quota.spent) for quota in stats.quotas] == [
        ("city", "custom", CITY.limit("custom"), 0),
        ("city", "template", CITY.limit("template"), 7),
        ("uni", "template", ApiLimit(), 0),
    ]
    assert [quota.held_seconds > 0 for quota in stats.quotas] == [True, False, True]
    assert stats.stopped == {"uni"}
    assert 0 < stats.reset_seconds <= 86_400


async def test_an_api_without_a_limit_is_shown_while_pushes_wait_for_it(store):
    await lease(store, LeaseRequest(account="uni", api="mass", limit=ApiLimit(), wanted=3))
    stats = await read_account_stats(store, [UNI], [("uni", "mass"), ("gone", "template")])
    assert [(quota.api, quota.spent) for quota in stats.quotas] == [("mass", 3), ("template", 0)]


async def test_a_token_has_an_age_and_an_account_without_one_has_none(store):
    await publish_token(store, "city", "T", 7200, caller="me")
    [token] = (await read_account_stats(store, [CITY, UNI])).tokens
    assert token.account == "city"
    assert token.age_seconds == pytest.approx(0, abs=5)
