from queues.event_appender import EventAppender
from queues.events import read_events, reclaim_events, settle_events
from queues.push_appender import PushAppender
from queues.taker import take
from tests.queues.makers import FEED, event, push

CITY = "city"


async def append(store, nursery, *events):
    appender = EventAppender(store)
    await nursery.start(appender.run)
    for one in events:
        await appender.append(one)
    return store.shard_of(CITY, events[0].recipient)


async def test_each_event_is_read_once_by_the_group(store, nursery):
    shard = await append(store, nursery, *[event(n, recipient="oSAME") for n in range(3)])
    first = await read_events(store, shard, "one", 2)
    second = await read_events(store, shard, "two", 2)
    assert [len(first), len(second)] == [2, 1]
    assert first[0].event == event(0, recipient="oSAME")


async def test_what_a_dead_reader_left_is_taken_over(store, nursery):
    shard = await append(store, nursery, event(1))
    [left] = await read_events(store, shard, "dead", 10)
    assert await reclaim_events(store, shard, "alive", 60, 10) == []
    assert await reclaim_events(store, shard, "alive", 0, 10) == [left]
    await settle_events(store, shard, [left])
    assert await reclaim_events(store, shard, "alive", 0, 10) == []


async def test_nothing_to_reclaim_before_the_first_event(store):
    assert await reclaim_events(store, 0, "me", 0, 10) == []


async def test_unsubscribing_suppresses_and_subscribing_lifts_it(store, nursery):
    pushes = PushAppender(store)
    await nursery.start(pushes.run)
    shard = await append(store, nursery, event(1, recipient="oSAME", name="unsubscribe"))
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    await pushes.append([push("oSAME")])
    taken = await take(store, FEED, {shard: 5}, 10)
    assert [dropped.state for dropped in taken.dropped] == ["suppressed"]
    await append(store, nursery, event(2, recipient="oSAME", name="subscribe"))
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    await pushes.append([push("oSAME")])
    assert len((await take(store, FEED, {shard: 5}, 10)).claims) == 1


async def test_an_entry_of_an_unknown_schema_is_passed_over_not_a_stumbling_block(store, nursery):
    shard = await append(store, nursery, event(1))
    store.client.xadd(store.keys[shard].events, {"e": b"\x91\x63"})
    entries = await read_events(store, shard, "me", 10)
    assert [entry.event is None for entry in entries] == [False, True]
    assert await settle_events(store, shard, entries) == []
