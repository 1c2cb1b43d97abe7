import pytest

from queues.events.reader import Entry, read_events
from queues.events.settler import settle_events
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import read_push
from queues.pushes.settler import settle
from tests.queues.makers import FEED, event, outcome, push
from tests.queues.steps import append_events, append_pushes, take

CITY = "city"


async def test_unsubscribing_suppresses_and_subscribing_lifts_it(store, nursery):
    shard = await append_events(store, nursery, event(1, recipient="oSAME", name="unsubscribe"))
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    await append_pushes(store, nursery, push("oSAME"))
    taken = await take(store, FEED, {shard: 5}, 10)
    assert [dropped.state for dropped in taken.dropped] == ["suppressed"]
    await append_events(store, nursery, event(2, recipient="oSAME", name="subscribe"))
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    await append_pushes(store, nursery, push("oSAME"))
    assert len((await take(store, FEED, {shard: 5}, 10)).claims) == 1


LIST = "<List><TemplateId><![CDATA[{}]]></TemplateId><SubscribeStatusString>{}</SubscribeStatusString></List>"


def choices(number, name, *made):
    """An event in which oSAME accepts or rejects templates."""
    lists = "".join(LIST.format(template, answer) for template, answer in made)
    return event(number, recipient="oSAME", name=name, body=f"<xml><X>{lists}</X></xml>".encode())


async def decide(store, nursery, *events):
    shard = await append_events(store, nursery, *events)
    await settle_events(store, shard, await read_events(store, shard, "me", 10))


@pytest.fixture
async def sendable(store, nursery):
    """Which of the templates A and B can be sent to oSAME now, and why the others cannot."""
    pushes = PushAppender(store)
    await nursery.start(pushes.run)

    async def look():
        await pushes.append([push("oSAME", template="A"), push("oSAME", template="B")])
        taken = await take(store, FEED, {store.shard_of(CITY, "oSAME"): 5}, 10)
        refused = {dropped.push.template_id: dropped for dropped in taken.dropped}
        assert {dropped.state for dropped in taken.dropped} <= {"suppressed"}
        statuses = {t: (await read_push(store, one.push.id)).error for t, one in refused.items()}
        return {claim.push.template_id for claim in taken.claims}, statuses

    return look


async def test_a_refused_template_is_suppressed_for_its_recipient_alone(store, nursery, sendable):
    await decide(store, nursery, choices(1, "subscribe_msg_popup_event", ("A", "reject"), ("B", "accept")))
    assert await sendable() == ({"B"}, {"A": "the recipient refused this template"})
    await decide(store, nursery, choices(2, "subscribe_msg_popup_event", ("A", "accept")))
    assert await sendable() == ({"A", "B"}, {})


async def test_a_withdrawal_in_the_settings_counts_like_a_refusal(store, nursery, sendable):
    await decide(store, nursery, choices(1, "subscribe_msg_change_event", ("A", "reject"), ("B", "reject")))
    assert (await sendable())[0] == set()
    await decide(store, nursery, choices(2, "subscribe_msg_popup_event", ("B", "accept")))
    assert (await sendable())[0] == {"B"}


async def test_following_again_lifts_every_refusal(store, nursery, sendable):
    await decide(store, nursery, choices(1, "subscribe_msg_change_event", ("A", "reject"), ("B", "reject")))
    await decide(store, nursery, event(2, recipient="oSAME", name="subscribe"))
    assert (await sendable())[0] == {"A", "B"}


async def test_who_unsubscribed_gets_nothing_whatever_was_accepted(store, nursery, sendable):
    await decide(store, nursery, choices(1, "subscribe_msg_popup_event", ("A", "reject")))
    await decide(store, nursery, event(2, recipient="oSAME", name="unsubscribe"))
    await decide(store, nursery, choices(3, "subscribe_msg_popup_event", ("A", "accept"), ("B", "reject")))
    assert await sendable() == (set(), {"A": "unsubscribed", "B": "unsubscribed"})


async def test_who_has_turned_messages_off_gets_no_more_until_the_next_subscribe(store, nursery, sendable):
    blocked = event(1, recipient="oSAME", name="templatesendjobfinish", msgid="7", status="failed:user block")
    await decide(store, nursery, blocked)
    assert await sendable() == (set(), {"A": "blocked: failed:user block", "B": "blocked: failed:user block"})
    await decide(store, nursery, event(2, recipient="oSAME", name="subscribe"))
    assert (await sendable())[0] == {"A", "B"}


@pytest.mark.parametrize(
    "told",
    [
        {"name": "templatesendjobfinish", "status": "failed:\n{no json"},
        {"name": "masssendjobfinish", "status": "failed:\n{no json"},
        {
            "name": "subscribe_msg_sent_event",
            "body": b"<xml><List><MsgID>7</MsgID><ErrorStatus>bad\n{no json</ErrorStatus></List></xml>",
        },
    ],
    ids=lambda told: told["name"],
)
async def test_what_a_receipt_says_in_several_lines_is_a_reason_and_no_detail(store, nursery, told):
    [push_id] = await append_pushes(store, nursery, push("oSAME"))
    shard = store.shard_of(CITY, "oSAME")
    [claim] = (await take(store, FEED, {shard: 1}, 10)).claims
    await settle(store, [outcome(claim, "sent", msgid="7")], 60)
    one = Entry("0-1", event(1, recipient="oSAME", msgid="7", **told))
    await settle_events(store, shard, [one])
    status = await read_push(store, push_id)
    assert status is not None
    assert (status.state, status.detail) == ("failed", b"")
    assert status.error.endswith("{no json")


async def test_the_receipt_of_a_notice_stands_in_a_list(store, nursery):
    [push_id] = await append_pushes(store, nursery, push("oSAME"))
    [claim] = (await take(store, FEED, {store.shard_of(CITY, "oSAME"): 1}, 10)).claims
    await settle(store, [outcome(claim, "sent", msgid="1988810812324364291")], 60)
    sent = b"<List><MsgID>1988810812324364291</MsgID><ErrorCode>%b</ErrorCode><ErrorStatus>%b</ErrorStatus></List>"
    body = b"<xml><SubscribeMsgSentEvent>%b</SubscribeMsgSentEvent></xml>" % (sent % (b"10", b"user block"))
    await decide(store, nursery, event(1, recipient="oSAME", name="subscribe_msg_sent_event", body=body))
    status = await read_push(store, push_id)
    assert (status.state, status.error) == ("failed", "failed: user block")
