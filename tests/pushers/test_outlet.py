"""What one process knows of an account's holds, and whom each of them concerns."""

import pytest
from msgspec.structs import replace

from pushers import outlet as module
from pushers.outlet import Outlet
from pushers.verdict import Verdict
from queues.account import Account, Webhook
from queues.limits.rate import Lease
from queues.push import WEBHOOK
from queues.secret import Secret
from tests.pushers.makers import claim
from tests.pushers.webhooks.receiver import SECRET

ACCOUNT = Account(name="city", app_id="wx1", webhook=Webhook("https://sms.test/take", Secret(SECRET)))
OF_T = claim().push
GRANTED = Lease(granted=1, wait_seconds=0, state="granted", day=20_000, reason="")


@pytest.fixture
def outlet(store):
    return Outlet(ACCOUNT, store, None, 10)  # type: ignore[arg-type]


async def test_a_template_rests_in_the_api_that_refused_it_until_a_lease_there_says_otherwise(outlet, monkeypatch):
    monkeypatch.setattr(module, "NEWS_SECONDS", -1.0)  # every lease knows of the hold
    await outlet.hold("template", Verdict(kind="stop", scope="template"), "T", 60)
    assert (outlet.rests("template", OF_T), outlet.rests(WEBHOOK, OF_T)) == (True, False)
    outlet.leased(WEBHOOK, GRANTED)
    assert outlet.rests("template", OF_T), "another API's lease tells of no template here"
    outlet.leased("template", GRANTED)
    assert not outlet.rests("template", OF_T)


async def test_a_stopped_account_stops_no_webhook_and_no_webhook_says_that_it_goes_on(outlet):
    await outlet.hold("template", Verdict(kind="stop", scope="account"), "", 60)
    assert (outlet.held("template"), outlet.held("custom"), outlet.held(WEBHOOK)) == (True, True, False)
    outlet.leased(WEBHOOK, GRANTED)
    assert outlet.held("template")
    outlet.leased("custom", GRANTED)
    assert not outlet.held("template")


async def test_a_webhook_that_is_tried_ends_its_own_hold_alone(outlet):
    for scope in ("account", "api"):
        await outlet.hold(WEBHOOK, Verdict(kind="stop", scope=scope), "", 60)
    outlet.leased(WEBHOOK, replace(GRANTED, state="probe"))
    await outlet.heard(WEBHOOK, "")
    assert not outlet.probing
    outlet.leased("template", replace(GRANTED, state="probe"))
    assert outlet.probing, "the account waits to be tried by the platform"
