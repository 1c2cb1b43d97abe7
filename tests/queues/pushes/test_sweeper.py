import time

import pytest

from queues.push import CLAIM_SECONDS
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import read_push
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from tests.queues.makers import FEED, outcome, push
from tests.queues.passing_time import expire
from tests.queues.steps import append_pushes, take

CITY = "city"


async def test_an_idle_shard_has_nothing_to_say(store):
    swept = await sweep(store, 0)
    assert (swept.feeds, swept.next_due_seconds, swept.promoted, swept.reclaimed) == (frozenset(), None, 0, 0)


async def test_it_knows_who_has_work_and_when_the_next_is_due(store, nursery):
    await append_pushes(store, nursery, push(), push(send_at=time.time() + 3600))
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"))
    assert swept.feeds == {FEED}
    assert swept.next_due_seconds is not None
    assert 3500 < swept.next_due_seconds <= 3600
    assert swept.promoted == 0


async def test_a_live_claim_is_not_taken_over(store, nursery):
    await append_pushes(store, nursery, push())
    shard = store.shard_of(CITY, "oUSER0")
    await take(store, FEED, {shard: 1}, 60)
    assert (await sweep(store, shard)).reclaimed == 0
    assert (await take(store, FEED, {shard: 1}, 60)).claims == []


@pytest.mark.parametrize("seconds", [3_600, -3_600, 86_400, -86_400])
async def test_a_clock_that_is_set_ends_no_claim_before_its_time_and_none_long_after(
    store, store_time, nursery, seconds
):
    await append_pushes(store, nursery, push())
    shard = store.shard_of(CITY, "oUSER0")
    await take(store, FEED, {shard: 1}, CLAIM_SECONDS)
    store_time.now += seconds
    assert (await sweep(store, shard)).reclaimed == 0
    store_time.now += CLAIM_SECONDS
    assert (await sweep(store, shard)).reclaimed == 1


@pytest.mark.parametrize(
    ("kind", "attempts", "first"), [("retry", 1, True), ("park", 0, True), ("later", 0, False), ("later", 1, True)]
)
async def test_what_had_its_turn_comes_back_to_it_and_what_was_scheduled_joins_the_others(
    store, nursery, kind, attempts, first
):
    shard = store.shard_of(CITY, "oUSER0")
    ids = await append_pushes(store, nursery, *[push() for _ in range(4)])
    claims = (await take(store, FEED, {shard: 2}, 60)).claims
    for claim in claims:
        store.client.hset(store.keys[shard].job(claim.push.id), "attempts", attempts)
    await settle(store, [outcome(claim, kind, delay=0) for claim in claims], 3600)
    assert (await sweep(store, shard)).promoted == 2
    order = [claim.push.id for claim in (await take(store, FEED, {shard: 9}, 60)).claims]
    assert order == (ids if first else ids[2:] + ids[:2])


@pytest.fixture
async def lost(store, nursery):
    """A push whose worker was gone as soon as it had taken it."""
    [push_id] = await append_pushes(store, nursery, push())
    await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 1}, 0)
    return push_id


async def test_a_lost_claim_is_repeated_and_remembered(store, lost):
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"))
    assert (swept.reclaimed, swept.ended) == (1, [])
    status = await read_push(store, lost)
    assert (status.state, status.attempts) == ("queued", 0)
    assert [one.verdict for one in status.history] == ["lost"]


async def test_where_a_second_message_must_not_be_risked_it_is_repeated_while_that_is_safe(store, lost):
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"), safe_seconds={FEED: 600})
    assert (swept.reclaimed, swept.ended) == (1, [])
    assert (await read_push(store, lost)).state == "queued"


async def test_and_ends_where_it_is_not(store, lost):
    shard = store.shard_of(CITY, "oUSER0")
    [ended] = (await sweep(store, shard, safe_seconds={"uni:template": 600, FEED: 0})).ended
    assert (ended.push.id, ended.state) == (lost, "failed")
    status = await read_push(store, lost)
    assert (status.state, [one.verdict for one in status.history]) == ("failed", ["lost"])
    assert status.error.startswith("outcome unknown")
    assert (await take(store, FEED, {shard: 1}, 10)).claims == []


async def test_what_expires_while_it_waits_ends_when_its_time_is_up(store, nursery):
    """Not when it would be due: that may be the end of a quota's day."""
    shard = store.shard_of(CITY, "oUSER0")
    [push_id] = await append_pushes(store, nursery, push(expire_at=time.time() + 60))
    [claim] = (await take(store, FEED, {shard: 1}, 10)).claims
    assert await settle(store, [outcome(claim, "park", delay=3600, error="errcode 45009")], 60) == ["parked"]
    assert (await sweep(store, shard)).ended == []
    expire(store, shard)
    ended = (await sweep(store, shard)).ended
    assert [(one.push.id, one.state) for one in ended] == [(push_id, "expired")]
    status = await read_push(store, push_id)
    assert (status.state, status.error) == ("expired", "expired before it could be sent")
    assert (await take(store, FEED, {shard: 1}, 10)).claims == []


@pytest.fixture
async def city(store, nursery):
    """Appends pushes for one recipient, and knows their shard."""
    appender = PushAppender(store)
    await nursery.start(appender.run)

    async def append(*pushes):
        return [accepted.id for accepted in await appender.append(pushes)]

    append.shard = store.shard_of(CITY, "oUSER0")
    return append


async def test_what_nobody_takes_expires_in_its_queue_when_its_time_is_up(store, city):
    """Its account may be stopped until a person acts, and an upstream waits for the word."""
    soon = time.time() + 60
    ids = [(await city(push(expire_at=expire_at)))[0] for expire_at in (soon, 0, soon, 0)]
    expire(store, city.shard)
    ended = (await sweep(store, city.shard)).ended
    assert {each.push.id: each.state for each in ended} == {ids[0]: "expired", ids[2]: "expired"}
    status = await read_push(store, ids[0])
    assert (status.state, status.error) == ("expired", "expired before it could be sent")
    assert store.client.llen(f"{store.keys[city.shard].prefix}q:{FEED}:violations:normal") == 3, (
        "the first is off its end"
    )
    taken = await take(store, FEED, {city.shard: 10}, 60)
    assert [claim.push.id for claim in taken.claims] == [ids[1], ids[3]]


async def test_a_queue_of_which_all_has_expired_is_work_for_nobody(store, city):
    await city(*[push(expire_at=time.time() + 60) for _ in range(5)])
    expire(store, city.shard)
    swept = await sweep(store, city.shard)
    assert len(swept.ended) == 5
    assert swept.feeds == frozenset()
    assert store.client.exists(store.keys[city.shard].feed_work(FEED)) == 0


async def test_what_is_being_sent_when_its_time_is_up_ends_only_if_it_comes_back(store, city):
    sent, released = await city(*[push(expire_at=time.time() + 60) for _ in range(2)])
    claims = (await take(store, FEED, {city.shard: 2}, 60)).claims
    expire(store, city.shard)
    swept = await sweep(store, city.shard)
    assert swept.ended == []
    assert swept.next_due_seconds == pytest.approx(1, abs=0.1), "it looks again"
    assert (await read_push(store, sent)).state == (await read_push(store, released)).state == "sending"
    await settle(store, [outcome(claims[0], "sent", msgid="1"), outcome(claims[1], "release")], 60)
    expire(store, city.shard)
    ended = (await sweep(store, city.shard)).ended
    assert [(each.push.id, each.state) for each in ended] == [(released, "expired")]
    assert (await read_push(store, sent)).state == "sent"
