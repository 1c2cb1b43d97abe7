import time

import pytest

from queues.event_appender import EventAppender
from queues.events import read_events, settle_events
from queues.jobs import read_push
from queues.push_appender import PushAppender
from queues.settler import settle
from queues.sweeper import sweep, trim_events
from queues.taker import take
from tests.queues.makers import FEED, event, outcome, push

CITY = "city"
EVERYTHING = -1  # seconds: even what was appended in this millisecond counts as old


async def test_an_idle_shard_has_nothing_to_say(store):
    swept = await sweep(store, 0)
    assert (swept.feeds, swept.next_due_seconds, swept.promoted, swept.reclaimed) == (frozenset(), None, 0, 0)


async def test_it_knows_who_has_work_and_when_the_next_is_due(store, nursery):
    appender = PushAppender(store)
    await nursery.start(appender.run)
    await appender.append([push(), push(send_at=time.time() + 3600)])
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"))
    assert swept.feeds == {FEED}
    assert swept.next_due_seconds is not None
    assert 3500 < swept.next_due_seconds <= 3600
    assert swept.promoted == 0


async def test_a_live_claim_is_not_taken_over(store, nursery):
    appender = PushAppender(store)
    await nursery.start(appender.run)
    await appender.append([push()])
    shard = store.shard_of(CITY, "oUSER0")
    await take(store, FEED, {shard: 1}, 60)
    assert (await sweep(store, shard)).reclaimed == 0
    assert (await take(store, FEED, {shard: 1}, 60)).claims == []


@pytest.fixture
async def lost(store, nursery):
    """A push whose worker was gone as soon as it had taken it."""
    appender = PushAppender(store)
    await nursery.start(appender.run)
    [accepted] = await appender.append([push()])
    await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 1}, 0)
    return accepted.id


async def test_a_lost_claim_is_repeated_and_remembered(store, lost):
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"))
    assert (swept.reclaimed, swept.ended) == (1, ())
    status = await read_push(store, lost)
    assert (status.state, status.attempts) == ("queued", 0)
    assert [one.verdict for one in status.history] == ["lost"]


async def test_where_a_second_message_must_not_be_risked_it_is_repeated_while_that_is_safe(store, lost):
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"), safe_seconds={FEED: 600})
    assert (swept.reclaimed, swept.ended) == (1, ())
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
    appender = PushAppender(store)
    await nursery.start(appender.run)
    shard = store.shard_of(CITY, "oUSER0")
    [accepted] = await appender.append([push(expire_at=time.time() + 0.2)])
    [claim] = (await take(store, FEED, {shard: 1}, 10)).claims
    assert await settle(store, [outcome(claim, "park", delay=3600, error="errcode 45009")], 60) == ["parked"]
    while not (ended := (await sweep(store, shard)).ended):
        pass
    assert [(one.push.id, one.state) for one in ended] == [(accepted.id, "expired")]
    status = await read_push(store, accepted.id)
    assert (status.state, status.error) == ("expired", "expired before it could be sent")
    assert (await take(store, FEED, {shard: 1}, 10)).claims == []


async def test_events_are_trimmed_by_age_but_never_past_one_that_a_group_still_owes(store, nursery):
    appender = EventAppender(store)
    await nursery.start(appender.run)
    for number in range(5):
        await appender.append(event(number, recipient="oSAME"))
    shard = store.shard_of(CITY, "oSAME")
    stream = store.keys[shard].events
    read = await read_events(store, shard, "me", 2)
    await settle_events(store, shard, read[:1])
    await trim_events(store, shard, EVERYTHING)
    assert next(entry_id.decode() for entry_id, _ in store.client.xrange(stream)) == read[1].id
    store.client.xgroup_create(stream, "business", id="0")
    await settle_events(store, shard, read[1:])
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    assert await trim_events(store, shard, EVERYTHING) == 0, "the other group has read nothing yet"
    store.client.xgroup_destroy(stream, "business")
    assert await trim_events(store, shard, 3600) == 0, "young ones stay"
