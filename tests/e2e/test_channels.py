"""Each channel from the upstream's request to the platform's receipt, against the simulated platform."""

import pytest
import trio

from pushers.restraints import window_keeper
from queues.events.windows import enter_window
from queues.keys import holds
from queues.secret import Secret
from tests.e2e.city import founded

pytestmark = pytest.mark.e2e

ANNA, BEN = "oANNA000000000000000000000001", "oBEN0000000000000000000000001"
TEMPLATE = {"channel": "template", "template_id": "T", "data": {"thing1": "Blue mug"}}
NOTICE = {"channel": "subscribe", "template_id": "N", "data": {"thing1": "Blue mug"}}
SMS = {"text": "Your case is closed."}
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


async def test_a_webhook_is_taken_by_the_accounts_own_receiver_which_verifies_it(city):
    push = await city.push(channel="webhook", to=ANNA, message=SMS)
    status = await city.until(push, "sent")
    assert (status.attempts, [attempt.errcode for attempt in status.history]) == (1, [0])
    [send] = await city.ledger("sends")
    assert (send["channel"], send["client_msg_id"], send["openid"]) == ("webhook", push, ANNA)


async def test_who_takes_nothing_from_the_platform_is_reached_by_the_webhook_each_time(store):
    async with founded(store, unsubscribed_share=1) as city:
        pushes = []
        for _ in range(2):
            push = await city.push(to=ANNA, **TEMPLATE, fallback=[{"channel": "webhook", "message": SMS}])
            assert [attempt.errcode for attempt in (await city.until(push, "sent")).history] == [43004, 0]
            pushes.append(push)
        sends = [(send["channel"], send["client_msg_id"]) for send in await city.ledger("sends")]
        assert sends == [("webhook", push) for push in pushes]
        await city.until(await city.push(to=ANNA, **TEMPLATE), "suppressed")


async def test_a_webhook_whose_answer_was_lost_is_repeated_under_its_id_and_taken_once(city):
    await city.control("faults", rules=[{"fault": "lost_answer", "api": "webhook"}])
    push = await city.push(channel="webhook", to=ANNA, message=SMS)
    await city.until(push, "retrying")
    await city.control("recover")
    await city.until(push, "sent")
    sends = await city.ledger("sends")
    assert {(send["client_msg_id"], send["msgid"]) for send in sends} == {(push, sends[0]["msgid"])}
    assert [send["repeat"] for send in sends] == [False] + [True] * (len(sends) - 1)


async def test_a_receiver_that_is_gone_ends_the_push_with_its_status_or_moves_it_on(city):
    await city.control("faults", rules=[{"fault": "410", "api": "webhook"}])
    push = await city.push(channel="webhook", to=ANNA, message=SMS)
    assert (await city.until(push, "dead")).error == "HTTP 410"
    back = await city.push(channel="webhook", to=ANNA, message=SMS, fallback=[TEMPLATE | {"on": ["rejected"]}])
    assert [attempt.errcode for attempt in (await city.until(back, "delivered")).history] == [410, 0]


async def test_a_webhook_goes_out_while_the_platform_refuses_the_account(store):
    async with founded(store, account={"app_secret": Secret("wrong")}) as city:
        held = await city.push(to=ANNA, **TEMPLATE)
        while not store.client.exists(holds("traffic")):
            await trio.lowlevel.checkpoint()
        await city.until(await city.push(channel="webhook", to=ANNA, message=SMS), "sent")
        assert store.client.exists(holds("traffic")), "what the receiver takes says nothing of the platform"
        assert (await city.until(held, "queued")).attempts == 0
