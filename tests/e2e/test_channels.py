"""Each channel from the upstream's request to the platform's receipt, against the simulated platform."""

import pytest

from pushers.restraints import window_keeper
from queues.events.windows import enter_window
from tests.e2e.city import founded

pytestmark = pytest.mark.e2e

ANNA, BEN = "oANNA000000000000000000000001", "oBEN0000000000000000000000001"
TEMPLATE = {"channel": "template", "template_id": "T", "data": {"thing1": "Blue mug"}}
NOTICE = {"channel": "subscribe", "template_id": "N", "data": {"thing1": "Blue mug"}}
TEXT = {"msgtype": "text", "text": {"content": "hi"}}


@pytest.fixture
async def city(store):
    async with founded(store) as city:
        yield city


@pytest.fixture
def impatient(monkeypatch):
    """A closed window is not looked at again."""
    monkeypatch.setattr(window_keeper, "GRACE_SECONDS", 0)


async def test_a_template_message_is_delivered_by_its_receipt(city):
    push = await city.push(to=ANNA, **TEMPLATE)
    assert (await city.until(push, "delivered")).msgid


async def test_a_notice_that_was_asked_for_is_delivered_by_its_receipt(city):
    await city.control("subscription", openid=ANNA, template_id="N")
    push = await city.push(to=ANNA, **NOTICE)
    await city.until(push, "delivered")
    assert [send["channel"] for send in await city.ledger("sends")] == ["subscribe"]


async def test_a_notice_that_was_not_asked_for_goes_out_as_a_template(city):
    push = await city.push(to=ANNA, **NOTICE, fallback=[TEMPLATE])
    status = await city.until(push, "delivered")
    assert status.push.channel == "template"
    assert [attempt.errcode for attempt in status.history] == [43101, 0]
    assert [(send["channel"], send["client_msg_id"]) for send in await city.ledger("sends")] == [("template", push)]


async def test_who_wrote_may_be_answered_five_times(city, impatient):
    await city.heard(ANNA, text="what about my mug?")
    for _ in range(5):
        await city.until(await city.push(channel="custom", to=ANNA, message=TEXT), "sent")
    sixth = await city.push(channel="custom", to=ANNA, message=TEXT)
    assert (await city.until(sixth, "dead")).error.startswith("the 48-hour window is used up")
    assert [send["openid"] for send in await city.ledger("sends")] == [ANNA] * 5


async def test_outside_the_window_nothing_is_asked_of_the_platform(city, impatient):
    push = await city.push(channel="custom", to=BEN, message=TEXT)
    assert (await city.until(push, "dead")).error.startswith("outside the 48-hour window")
    assert await city.ledger("sends") == []
    assert await city.ledger("refusals") == []


async def test_outside_the_window_the_next_channel_takes_it_once(city, impatient):
    push = await city.push(channel="custom", to=BEN, message=TEXT, fallback=[TEMPLATE])
    await city.until(push, "delivered")
    assert [(send["channel"], send["client_msg_id"]) for send in await city.ledger("sends")] == [("template", push)]


async def test_a_push_that_may_have_overtaken_its_recipients_message_is_looked_at_again(city, monkeypatch):
    monkeypatch.setattr(window_keeper, "GRACE_SECONDS", 3600)
    push = await city.push(channel="custom", to=ANNA, message=TEXT)
    status = await city.until(push, "scheduled")
    assert (status.attempts, status.error[:26]) == (0, "outside the 48-hour window")


async def test_where_the_platform_says_that_the_window_is_closed_it_is(city):
    await city.heard(ANNA, text="hello")
    await city.control("callback_url", url="")  # what Anna does now, only the platform hears
    await city.control("callback", openid=ANNA, event="unsubscribe")
    push = await city.push(channel="custom", to=ANNA, message=TEXT, fallback=[TEMPLATE])
    status = await city.until(push, "sent", "suppressed", "dead")
    assert [attempt.errcode for attempt in status.history][:1] == [45015]
    assert await enter_window(city.store, "traffic", ANNA) == "closed"


async def test_a_mass_message_is_delivered_with_its_counts(city):
    people = [ANNA, BEN, "oCARL00000000000000000000001"]
    push = await city.push(channel="mass", to="@message", message=TEXT | {"touser": people})
    await city.until(push, "delivered")
    assert (await city.shown(push))["detail"] == {"total": 3, "filtered": 3, "sent": 3, "failed": 0}
    [send] = await city.ledger("sends")
    assert send["client_msg_id"] == push


async def test_a_mass_message_goes_to_those_with_a_tag(store):
    async with founded(store, followers=10) as city:
        push = await city.push(channel="mass", to="@message", message=TEXT | {"filter": {"tag_id": 2}})
        await city.until(push, "delivered")
        assert (await city.shown(push))["detail"]["sent"] == 10


async def test_a_mass_message_whose_answer_was_lost_is_repeated_and_carried_out_once(city):
    await city.control("faults", rules=[{"fault": "lost_answer", "api": "mass"}])
    push = await city.push(channel="mass", to="@message", message=TEXT | {"filter": {"is_to_all": True}})
    await city.until(push, "retrying")
    assert len(await city.ledger("sends")) == 1


async def test_a_wecom_message_reaches_those_it_can_and_names_the_others(store):
    async with founded(store, unsubscribed_share=0.5) as city:
        members = [f"m{number}" for number in range(20)]
        push = await city.push(account="office", channel="wecom", to="|".join(members), message=TEXT)
        status = await city.until(push, "sent")
        unreached = (await city.shown(push))["detail"]["invaliduser"].split("|")
        reached = [send["openid"] for send in await city.ledger("sends")]
        assert status.msgid
        assert 0 < len(unreached) < 20
        assert sorted(unreached + reached) == sorted(members)


async def test_a_wecom_message_that_reaches_nobody_is_suppressed(store):
    async with founded(store, unsubscribed_share=1) as city:
        push = await city.push(account="office", channel="wecom", to="nobody", message=TEXT)
        assert (await city.until(push, "suppressed")).error.startswith("errcode 81013")
