import time

from queues.event_appender import EventAppender
from queues.events import read_events, settle_events
from queues.push_appender import PushAppender
from queues.sweeper import sweep, trim_events
from queues.taker import take
from tests.queues.makers import FEED, event, push

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
