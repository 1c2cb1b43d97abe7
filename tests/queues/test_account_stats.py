import pytest

from queues.account import Account, ApiLimit
from queues.account_stats import QuotaStat, read_account_stats
from queues.rate import lease, park, stop_account
from queues.token import publish_token

CITY = Account(
    name="city", app_id="wx1", limits={"template": ApiLimit(per_second=100, per_day=50), "custom": ApiLimit(per_day=9)}
)
UNI = Account(name="uni", app_id="wx2", limits={"template": ApiLimit()})


async def test_quotas_show_what_is_spent_today_and_what_is_held(store):
    await lease(store, "city", "template", ApiLimit(per_day=50), 7)
    await park(store, "city", "custom", 60)
    await stop_account(store, "uni", "errcode 40125", 60)
    assert read_account_stats(store.client, [CITY, UNI]).quotas == [
        QuotaStat("city", "template", 50, 7, held=False),
        QuotaStat("city", "custom", 9, 0, held=True),
        QuotaStat("uni", "template", 0, 0, held=True),
    ]


async def test_a_token_has_an_age_and_an_account_without_one_has_none(store):
    await publish_token(store, "city", "T", 7200)
    [token] = read_account_stats(store.client, [CITY, UNI]).tokens
    assert token.account == "city"
    assert token.age_seconds == pytest.approx(0, abs=5)
