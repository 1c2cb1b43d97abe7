from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.events.trimmer import trim_events
from queues.keys import SEEN_WINDOW_SECONDS, WINDOWS
from tests.queues.makers import event
from tests.queues.passing_time import move_window
from tests.queues.steps import append_events

EVERYTHING = -1  # seconds: even what was appended in this millisecond counts as old


async def test_events_are_trimmed_by_age_but_never_past_one_that_a_group_still_owes(store, nursery):
    shard = await append_events(store, nursery, *(event(number, recipient="oSAME") for number in range(5)))
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


async def test_identities_are_forgotten_though_no_event_comes_any_more(store, nursery):
    shard = await append_events(store, nursery, event(1))
    for _ in range(WINDOWS):
        assert store.client.exists(*store.keys[shard].seen) == 1
        move_window(store, -SEEN_WINDOW_SECONDS)
        await trim_events(store, shard, 3600)
    assert store.client.exists(*store.keys[shard].seen) == 0
