from queues.event_appender import EventAppender
from queues.events import read_events
from queues.push_appender import PushAppender
from queues.stats import read_stats
from queues.taker import take
from tests.queues.makers import FEED, event, push

CITY = "city"


async def test_every_queue_is_counted_over_all_shards(store, nursery):
    pushes, events = PushAppender(store), EventAppender(store)
    await nursery.start(pushes.run)
    await nursery.start(events.run)
    await pushes.append([push(f"oUSER{n}") for n in range(20)])
    await pushes.append([push(priority="bulk", upstream="grades"), push(send_at=4_000_000_000)])
    for number in range(6):
        await events.append(event(number, recipient="oUSER0"))
    shard = store.shard_of(CITY, "oUSER0")
    await read_events(store, shard, "me", 2)
    claimed = len((await take(store, FEED, {shard: 3}, 60)).claims)
    stats = read_stats(store.client, store.shards)
    found = {(stat.account, stat.queue): (stat.depth, stat.pending) for stat in stats.queues}
    assert found["", "later"] == (1, 0)
    assert found["", "claims"] == (claimed, claimed)
    assert found["", "events"] == (6, 2)
    assert found[CITY, "normal"][0] + found.get((CITY, "bulk"), (0, 0))[0] + claimed == 21
    assert stats.memory_bytes > 0
