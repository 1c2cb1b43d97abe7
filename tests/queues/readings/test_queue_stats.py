import pytest

from queues.events.reader import read_events
from queues.pushes.appender import PushAppender
from queues.pushes.settler import settle
from queues.readings.queue_stats import SAMPLE, QueueStat, read_stats
from tests.queues.makers import FEED, event, outcome, push
from tests.queues.steps import take
from tests.queues.waiting_appender import WaitingAppender

CITY, UNI = "city", "uni"
FAR = 4_000_000_000


@pytest.fixture
async def pushes(store, nursery):
    appender = PushAppender(store)
    await nursery.start(appender.run)
    return appender


def of(stats, account, queue):
    [found] = [stat for stat in stats.queues if (stat.account, stat.queue) == (account, queue)] or [
        QueueStat(account, "", queue)
    ]
    return found


async def test_queues_are_counted_over_all_shards_and_upstreams(store, pushes):
    await pushes.append([push(f"oUSER{n}") for n in range(20)])
    await pushes.append([push("oUSER1", upstream="grades"), push("oUSER2", priority="bulk")])
    stats = await read_stats(store)
    assert (of(stats, CITY, "normal").depth, of(stats, CITY, "bulk").depth) == (21, 1)
    assert of(stats, CITY, "normal").api == "template"
    assert 0 <= of(stats, CITY, "normal").oldest_seconds < 60


async def test_claims_later_and_dead_are_told_apart_by_account(store, pushes):
    await pushes.append([push("oUSER0", account=account) for account in (CITY, CITY, CITY, UNI)])
    await pushes.append([push(f"oUSER{n}", account=UNI, send_at=FAR) for n in range(5)])
    shard = store.shard_of(CITY, "oUSER0")
    claims = (await take(store, FEED, {shard: 3}, 60)).claims
    await settle(store, [outcome(claims[0], "dead", error="errcode 47003")], 3600)
    stats = await read_stats(store)
    assert of(stats, CITY, "normal").pending == 2
    assert (of(stats, CITY, "dead").depth, of(stats, UNI, "dead").depth) == (1, 0)
    assert (of(stats, CITY, "later").depth, of(stats, UNI, "later").depth) == (0, 5)
    assert stats.overdue_seconds == 0
    assert 0 <= stats.dead_seconds < 60


async def test_beyond_the_sample_the_shares_still_add_up_to_the_whole(store, pushes):
    """Everything of one recipient stands in one shard, so that its sample is too small for it."""
    await pushes.append([push("oUSER0", account=CITY, send_at=FAR) for _ in range(3 * SAMPLE)])
    await pushes.append([push("oUSER0", account=UNI, send_at=FAR) for _ in range(SAMPLE)])
    stats = await read_stats(store)
    city, uni = of(stats, CITY, "later").depth, of(stats, UNI, "later").depth
    assert city + uni == 4 * SAMPLE
    assert city > uni > 0


async def test_events_are_counted_until_they_are_acknowledged(store, nursery):
    events = WaitingAppender(store)
    await nursery.start(events.run)
    for number in range(6):
        await events.append(event(number, recipient="oUSER0"))
    unread = of(await read_stats(store), "", "events")
    assert (unread.depth, unread.pending) == (6, 0)
    await read_events(store, store.shard_of(CITY, "oUSER0"), "me", 2)
    half = of(await read_stats(store), "", "events")
    assert (half.depth, half.pending) == (6, 2)
    assert 0 <= half.oldest_seconds < 60
