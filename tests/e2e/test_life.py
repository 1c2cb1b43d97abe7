"""The life of a push over HTTP and the simulated platform: when it goes, how it may end, and what is told of it."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from queues.account import ApiLimit
from queues.ids import shard_of_id
from queues.secret import Secret
from tests.e2e.city import VIOLATIONS, founded
from tests.pushers.webhooks.receiver import SECRET, Receiver

pytestmark = pytest.mark.e2e

ANNA = "oANNA000000000000000000000001"
TEMPLATE = {"to": ANNA, "template_id": "T", "data": {"thing1": "Blue mug"}}
NOTICE = {"to": ANNA, "channel": "subscribe", "template_id": "N", "data": {"thing1": "Blue mug"}}
HOUR = timedelta(hours=1)


@pytest.fixture
async def city(store):
    async with founded(store) as city:
        yield city


def ttl(store, push_id):
    """How many seconds more the push is kept."""
    return store.client.ttl(store.keys[shard_of_id(push_id)].job(push_id))


async def test_a_scheduled_push_goes_at_its_time_and_not_before(city):
    due = time.time() + 1.5
    result = await city.offer(send_at=datetime.fromtimestamp(due, UTC).isoformat(), **TEMPLATE)
    assert result["status"] == "scheduled"
    await city.until(result["id"], "delivered")
    [send] = await city.ledger("sends")
    assert send["at"] >= due


async def test_a_scheduled_push_is_cancelled_and_never_goes(city, store):
    result = await city.offer(send_at=(datetime.now(UTC) + HOUR).isoformat(), **TEMPLATE)
    cancelled = await city.call("DELETE", f"/v1/pushes/{result['id']}")
    assert (cancelled["state"], cancelled["send_at"] is not None) == ("cancelled", True)
    assert all(store.client.zcard(keys.later) == 0 for keys in store.keys)
    assert await city.ledger("sends") == []


async def test_what_waited_beyond_its_time_expires_unsent(store):
    # One a day: the second of these would go long after its time.
    limits = {"template": ApiLimit(per_day=1, reserve=0)}
    async with founded(store, account={"limits": limits}) as city:
        first = await city.push(**TEMPLATE)
        second = await city.push(expire_at=(datetime.now(UTC) + timedelta(seconds=1)).isoformat(), **TEMPLATE)
        status = await city.until(second, "expired")
        await city.until(first, "delivered")
        assert status.attempts == 0
        assert len(await city.ledger("sends")) == 1


async def test_finished_pushes_are_kept_as_long_as_the_settings_say(store):
    async with founded(store, retain_seconds=3600) as city:
        delivered = await city.push(**TEMPLATE)
        await city.until(delivered, "delivered")
        keyed = await city.push(idempotency_key="order-1", **TEMPLATE)
        await city.until(keyed, "delivered")
        cancelled = await city.offer(send_at=(datetime.now(UTC) + HOUR).isoformat(), **TEMPLATE)
        assert ttl(store, cancelled["id"]) == -1, "not while it waits"
        await city.call("DELETE", f"/v1/pushes/{cancelled['id']}")
        assert 3500 < ttl(store, delivered) <= 3600
        assert 3500 < ttl(store, cancelled["id"]) <= 3600
        assert 172_700 < ttl(store, keyed) <= 172_800, "a late repeat of its key must find it"


async def test_a_dead_push_tells_why_and_is_replayed_once(city):
    await city.control("faults", rules=[{"fault": "47003", "api": "template"}])
    push_id = await city.push(**TEMPLATE)
    await city.until(push_id, "dead")
    [shown] = (await city.call("GET", "/v1/dead?error=47003"))["pushes"]
    [attempt] = shown["history"]
    assert (shown["id"], attempt["errcode"], attempt["verdict"]) == (push_id, 47003, "dead")
    assert attempt["rid"]
    await city.control("faults", rules=[])
    asked = {"error": "47003", "per_second": 1000}
    assert (await city.call("POST", "/v1/dead/replay", asked))["replayed"] == 1
    assert (await city.call("POST", "/v1/dead/replay", asked))["replayed"] == 0
    await city.until(push_id, "delivered")
    assert [one["errcode"] for one in (await city.shown(push_id))["history"]] == [47003, 0]
    assert len(await city.ledger("sends")) == 1


async def test_who_leaves_gets_nothing_until_coming_back(city):
    await city.heard(ANNA, event="unsubscribe")
    status = await city.until(await city.push(**TEMPLATE), "suppressed")
    assert (status.error, status.attempts) == ("unsubscribed", 0)
    await city.control("callback", openid=ANNA, event="subscribe")
    while (await city.until(await city.push(**TEMPLATE), "delivered", "suppressed")).state != "delivered":
        pass  # the event is on its way


async def test_a_refused_template_is_not_asked_for_again_until_it_is_accepted(city):
    await city.until(await city.push(**NOTICE), "suppressed")
    refusals = len(await city.ledger("refusals"))
    status = await city.until(await city.push(**NOTICE), "suppressed")
    assert (status.error.partition(":")[0], status.attempts) == ("errcode 43101", 0)
    assert len(await city.ledger("refusals")) == refusals, "the platform was not bothered with it"
    await city.control("subscription", openid=ANNA, template_id="N")
    while (await city.until(await city.push(**NOTICE), "delivered", "suppressed")).state != "delivered":
        pass  # the event is on its way


@pytest.mark.parametrize(
    ("unknown_outcome", "state", "again"), [("at_least_once", "sent", True), ("at_most_once", "failed", False)]
)
async def test_a_lost_answer_is_sent_again_only_if_the_account_will_have_it(store, unknown_outcome, state, again):
    async with founded(store, account={"unknown_outcome": unknown_outcome}) as city:
        await city.heard(ANNA, text="hello")
        await city.control("faults", rules=[{"fault": "lost_answer", "api": "custom"}])
        push_id = await city.push(to=ANNA, channel="custom", message={"msgtype": "text", "text": {"content": "hi"}})
        while not await city.ledger("sends"):
            pass
        await city.control("faults", rules=[])
        status = await city.until(push_id, state)
        assert status.history[0].verdict == "unknown"
        assert (len(await city.ledger("sends")) > 1) == again


async def test_an_upstream_hears_how_its_push_ended(store, nursery):
    receiver = Receiver()
    await nursery.start(receiver.serve)
    upstream = structs.replace(VIOLATIONS, webhook_url=receiver.url, webhook_secret=Secret(SECRET))
    async with founded(store, upstream=upstream) as city:
        push_id = await city.push(notify=True, tags={"case": "7"}, **TEMPLATE)
        await receiver.until(1)
        [(_, body)] = receiver.received
        told = json.loads(body)
        assert (told["type"], told["data"]["id"]) == ("push.delivered", push_id)
        assert told["data"]["tags"] == {"case": "7"}
        assert told["data"]["msgid"] == (await city.shown(push_id))["msgid"]
