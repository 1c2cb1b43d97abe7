import pytest

from queues.events.reader import read_events, reclaim_events, reread_events
from queues.events.settler import settle_events
from tests.queues.makers import event
from tests.queues.steps import append_events


async def test_each_event_is_read_once_by_the_group(store, nursery):
    shard = await append_events(store, nursery, *[event(n, recipient="oSAME") for n in range(3)])
    first = await read_events(store, shard, "one", 2)
    second = await read_events(store, shard, "two", 2)
    assert [len(first), len(second)] == [2, 1]
    assert first[0].event == event(0, recipient="oSAME")


async def test_what_a_dead_reader_left_is_taken_over(store, nursery):
    shard = await append_events(store, nursery, event(1))
    [left] = await read_events(store, shard, "dead", 10)
    assert await reclaim_events(store, shard, "alive", 60, 10) == []
    assert await reclaim_events(store, shard, "alive", 0, 10) == [left]
    await settle_events(store, shard, [left])
    assert await reclaim_events(store, shard, "alive", 0, 10) == []


async def test_what_was_read_and_not_settled_is_read_again_as_it_was(store, nursery):
    shard = await append_events(store, nursery, event(1))
    read = await read_events(store, shard, "me", 10)
    assert await reread_events(store, shard, "me", 10) == read
    await settle_events(store, shard, read)
    assert await reread_events(store, shard, "me", 10) == []


async def test_an_entry_that_was_cut_from_the_stream_is_acknowledged_and_stays_away(store, nursery):
    shard = await append_events(store, nursery, event(1))
    [read] = await read_events(store, shard, "me", 10)
    store.client.xdel(store.keys[shard].events, read.id)
    [again] = await reread_events(store, shard, "me", 10)
    assert (again.id, again.event) == (read.id, None)
    assert await settle_events(store, shard, [again]) == []
    assert await reread_events(store, shard, "me", 10) == []


@pytest.mark.parametrize("fields", [{"e": b"\xc1"}, {"e": b"\x92\x02\x01"}, {"x": "y"}], ids=str)
async def test_an_entry_that_is_no_event_of_ours_is_acknowledged_and_stays_away(store, fields):
    store.client.xadd(store.keys[0].events, fields)
    [read] = await read_events(store, 0, "me", 10)
    assert read.event is None
    assert await settle_events(store, 0, [read]) == []
    assert await reread_events(store, 0, "me", 10) == []


async def test_nothing_to_reclaim_before_the_first_event(store):
    assert await reclaim_events(store, 0, "me", 0, 10) == []
