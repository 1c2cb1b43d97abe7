from itertools import pairwise

import pytest

from queues.ids import IdSeries, shard_of_id
from queues.keys import feed
from queues.pushes.appender import PushAppender
from queues.pushes.dead import BadCursorError, DeadFilter, list_dead, replay_dead, replay_matching
from queues.pushes.jobs import read_push, read_statuses
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from tests.queues.makers import FEED, outcome, push
from tests.queues.steps import take

CITY, UNI = "city", "uni"
EVERYTHING = DeadFilter()


@pytest.fixture
async def appender(store, nursery):
    appender = PushAppender(store)
    await nursery.start(appender.run)
    return appender


async def give_up(store, appender, count, *, account=CITY, upstream="violations", error="errcode 47003: bad"):
    """Append that many pushes, each to another recipient, take them and give them up, one call after another."""
    new = [push(f"oU{number}", account=account, upstream=upstream) for number in range(count)]
    await appender.append(new)
    ids = []
    for shard in range(store.shards):
        for claim in (await take(store, feed(account, "template"), {shard: count}, 10)).claims:
            await settle(store, [outcome(claim, "dead", error=error)], 60)
            ids.append(claim.push.id)
    assert len(ids) == count
    return ids


async def pages(store, wanted, limit):
    cursor = ""
    while True:
        page = await list_dead(store, wanted, cursor, limit)
        yield [status.push.id for status in page.pushes]
        cursor = page.next
        if not cursor:
            return


async def all_of(store, wanted, limit=500):
    return [push_id async for page in pages(store, wanted, limit) for push_id in page]


async def test_the_last_one_given_up_comes_first(store, appender):
    ids = await give_up(store, appender, 5)
    page = await list_dead(store, EVERYTHING)
    assert {status.push.id for status in page.pushes} == set(ids)
    times = [status.finished_at for status in page.pushes]
    assert times == sorted(times, reverse=True)
    assert (page.pushes[0].state, page.pushes[0].error) == ("dead", "errcode 47003: bad")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
async def test_pages_of_any_size_show_each_once(store, appender, limit):
    ids = await give_up(store, appender, 12)
    shown = [page async for page in pages(store, EVERYTHING, limit)]
    assert sorted(push_id for page in shown for push_id in page) == sorted(ids)
    assert all(len(page) <= limit for page in shown)


async def test_a_listing_goes_on_where_it_was_whatever_is_replayed_meanwhile(store, appender):
    ids = await give_up(store, appender, 10)
    first = await list_dead(store, EVERYTHING, limit=4)
    await replay_dead(store, [status.push.id for status in first.pushes], per_second=1000)
    second = await list_dead(store, EVERYTHING, first.next)
    shown = [status.push.id for status in (*first.pushes, *second.pushes)]
    assert sorted(shown) == sorted(ids)


async def test_filters(store, appender):
    wrong = await give_up(store, appender, 2)
    refused = await give_up(store, appender, 2, account=UNI, upstream="grades", error="errcode 40037: no template")
    silent = await give_up(store, appender, 1, account=UNI, error="HTTP 503")
    for wanted, expected in (
        (DeadFilter(accounts=(UNI,)), refused + silent),
        (DeadFilter(upstream="grades"), refused),
        (DeadFilter(upstream="grades", accounts=(CITY,)), []),
        (DeadFilter(error="47003"), wrong),
        (DeadFilter(error="4700"), []),  # a code is compared whole
        (DeadFilter(error="HTTP 5"), silent),
        (DeadFilter(after=4e9), []),
        (DeadFilter(before=1), []),
        (DeadFilter(after=1, before=4e9), wrong + refused + silent),
    ):
        assert sorted(await all_of(store, wanted)) == sorted(expected), wanted


async def test_a_filter_that_lets_little_through_looks_in_bounded_calls(store, appender, monkeypatch):
    monkeypatch.setattr("queues.pushes.dead._SEEN_A_SHARD", 2)
    await give_up(store, appender, 20)
    rare = await give_up(store, appender, 1, account=UNI)
    await give_up(store, appender, 20)
    shown = [page async for page in pages(store, DeadFilter(accounts=(UNI,)), 500)]
    assert [push_id for page in shown for push_id in page] == rare
    assert len(shown) > 2


async def test_the_order_holds_over_shards_that_stop_early(store, appender, monkeypatch):
    monkeypatch.setattr("queues.pushes.dead._SEEN_A_SHARD", 3)
    await give_up(store, appender, 30)
    cursor, times = "", []
    while cursor or not times:
        page = await list_dead(store, EVERYTHING, cursor)
        times += [status.finished_at for status in page.pushes]
        cursor = page.next
    assert len(times) == 30
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "12", "-", "1-é", "99999999999999999-0-A"])
async def test_a_cursor_of_ones_own_making_is_refused(store, cursor):
    with pytest.raises(BadCursorError):
        await list_dead(store, EVERYTHING, cursor)


async def test_a_replayed_push_is_sent_again_with_all_its_attempts(store, appender):
    [push_id] = await give_up(store, appender, 1)
    assert await replay_dead(store, [push_id], per_second=1000) == 1
    status = await read_push(store, push_id)
    assert (status.state, status.attempts, status.finished_at) == ("retrying", 0, 0)
    assert store.client.ttl(store.keys[shard_of_id(push_id)].job(push_id)) == -1
    await _wait_until_due(store, push_id)
    [claim] = (await take(store, FEED, {shard_of_id(push_id): 1}, 10)).claims
    assert (claim.push.id, claim.attempts) == (push_id, 0)
    assert await all_of(store, EVERYTHING) == []


async def test_replaying_twice_moves_nothing_twice(store, appender):
    ids = await give_up(store, appender, 3)
    assert await replay_dead(store, [*ids, *ids], per_second=10) == 3
    assert await replay_dead(store, ids, per_second=10) == 0


async def test_what_is_not_dead_is_left_alone(store, appender):
    [queued] = await appender.append([push("oQUEUED")])
    assert await replay_dead(store, [queued.id, IdSeries().id(0, 0)], per_second=10) == 0
    assert (await read_push(store, queued.id)).state == "queued"


async def test_replayed_pushes_come_at_their_pace_however_many_calls_it_was(store, appender):
    ids = await give_up(store, appender, 40)
    for push_id in ids:
        await replay_dead(store, [push_id], per_second=10)
    for shard in range(store.shards):
        later = store.keys[shard].later
        waiting = store.client.zrange(later, 0, -1, withscores=True)
        gaps = [after - before for (_, before), (_, after) in pairwise(waiting)]
        assert all(gap >= 399 for gap in gaps), "four shards together: ten a second"


async def test_another_accounts_replay_is_not_in_the_way(store, appender):
    many = await give_up(store, appender, 8)
    [one] = await give_up(store, appender, 1, account=UNI)
    await replay_dead(store, many, per_second=1)
    await replay_dead(store, [one], per_second=1)
    assert (await read_push(store, one)).due_at < max(status.due_at for status in await read_statuses(store, many))


async def test_replaying_all_goes_on_until_nothing_is_left(store, appender, monkeypatch):
    monkeypatch.setattr("queues.pushes.dead.MOST_A_PAGE", 4)
    await give_up(store, appender, 10)
    replayed, cursor = await replay_matching(store, EVERYTHING, "", per_second=100)
    while cursor:
        more, cursor = await replay_matching(store, EVERYTHING, cursor, per_second=100)
        replayed += more
    assert replayed == 10
    assert await all_of(store, EVERYTHING) == []


async def _wait_until_due(store, push_id):
    """Sweep until the store's clock has come to it: a few milliseconds at this pace."""
    while (await read_push(store, push_id)).state != "queued":
        await sweep(store, shard_of_id(push_id))
