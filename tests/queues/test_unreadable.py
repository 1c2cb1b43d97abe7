"""What stands in the store and is none of ours, or half of it, is set aside; the rest of its shard flows."""

import time
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY
from redis import Redis
from structlog.testing import capture_logs

from queues.attempt import Attempt
from queues.errors import StoreUnavailableError
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.keys import ShardKeys
from queues.pushes.dead import DeadFilter, list_dead, replay_dead
from queues.pushes.jobs import read_push, read_statuses
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from queues.pushes.webhooks import take_hooks
from queues.readings.queue_stats import read_stats
from queues.store import Store
from tests.queues.makers import ACCOUNT, FEED, event, outcome, push
from tests.queues.passing_time import expire
from tests.queues.steps import append_pushes, take
from tests.queues.waiting_appender import WaitingAppender

Spoil = Callable[[Redis, str], object]
FOREIGN: dict[str, Spoil] = {
    "a string": lambda client, job: (client.delete(job), client.set(job, "x", ex=60)),
    "a list": lambda client, job: (client.delete(job), client.lpush(job, "x"), client.expire(job, 60)),
    "no state": lambda client, job: client.hdel(job, "state", "queue"),
}
HALF: dict[str, Spoil] = {
    "no payload": lambda client, job: client.hdel(job, "payload"),
    "an expiry that is no number": lambda client, job: client.hset(job, "expire", "soon"),
}
LOST: dict[str, Spoil] = {
    "a queue of another form": lambda client, job: client.hset(job, "queue", "city"),
    "a history of another form": lambda client, job: client.hset(job, "history", b"\xc1"),
}


def keys_of(store: Store) -> ShardKeys:
    return store.keys[store.shard_of(ACCOUNT, "oUSER0")]


def shard_of(store: Store) -> int:
    return store.shard_of(ACCOUNT, "oUSER0")


def spoil(store: Store, push_id: str, how: Spoil) -> None:
    how(store.client, keys_of(store).job(push_id))


def is_hash(store: Store, push_id: str) -> bool:
    return bool(store.client.type(keys_of(store).job(push_id)) == b"hash")


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("tidegate_records_unreadable_total", {"kind": kind}) or 0


def assert_set_aside(store: Store, push_id: str) -> None:
    """In no place where anybody would act on it; dead if it can be, and gone when its retention is over."""
    keys, client = keys_of(store), store.client
    assert not any(client.zscore(place, push_id) for place in (keys.claims, keys.later, keys.expiring))
    assert (client.zscore(keys.dead, push_id) is not None) == is_hash(store, push_id)
    if is_hash(store, push_id):
        assert client.hmget(keys.job(push_id), "state", "error") == [b"dead", b"its record cannot be read"]
    assert client.ttl(keys.job(push_id)) > 0


@pytest.mark.parametrize("how", [*FOREIGN, *HALF])
async def test_a_queued_one_is_set_aside_and_those_behind_it_are_taken(store, nursery, how):
    spoilt, sound = await append_pushes(store, nursery, push(), push())
    spoil(store, spoilt, (FOREIGN | HALF)[how])
    before = counted("push")
    with capture_logs() as logs:
        taken = await take(store, FEED, {shard_of(store): 5}, 10)
    assert [claim.push.id for claim in taken.claims] == [sound]
    assert taken.emptied == {shard_of(store)}
    assert_set_aside(store, spoilt)
    assert counted("push") == before + 1
    assert [(line["ids"], line["became"]) for line in logs] == [([spoilt], "dead")]


async def test_numbers_that_are_none_are_begun_anew(store, nursery):
    [odd] = await append_pushes(store, nursery, push())
    store.client.hset(keys_of(store).job(odd), mapping={"attempts": "many", "claim": "mine"})
    [claim] = (await take(store, FEED, {shard_of(store): 5}, 10)).claims
    assert (claim.number, claim.attempts) == (1, 0)


@pytest.mark.parametrize("how", [*FOREIGN, *LOST])
async def test_a_claimed_one_is_set_aside_when_its_claim_ends_and_the_others_come_back(store, nursery, how):
    spoilt, sound = await append_pushes(store, nursery, push(), push())
    await take(store, FEED, {shard_of(store): 5}, 0)
    spoil(store, spoilt, (FOREIGN | LOST)[how])
    before = counted("push")
    swept = await sweep(store, shard_of(store))
    assert swept.reclaimed == 2
    assert_set_aside(store, spoilt)
    assert counted("push") == before + 1
    assert [claim.push.id for claim in (await take(store, FEED, {shard_of(store): 5}, 10)).claims] == [sound]


@pytest.mark.parametrize("how", [*FOREIGN, "a queue of another form"])
@pytest.mark.parametrize("tried", [False, True])
async def test_one_that_is_due_is_set_aside_and_the_others_come_back(store, nursery, how, tried):
    spoilt, sound = await append_pushes(store, nursery, push(send_at=4e9), push(send_at=4e9))
    for each in (spoilt, sound):
        store.client.zadd(keys_of(store).later, {each: 1})
        store.client.hset(keys_of(store).job(each), "attempts", int(tried))
    spoil(store, spoilt, (FOREIGN | LOST)[how])
    assert (await sweep(store, shard_of(store))).promoted == 2
    assert_set_aside(store, spoilt)
    assert [claim.push.id for claim in (await take(store, FEED, {shard_of(store): 5}, 10)).claims] == [sound]


@pytest.mark.parametrize("how", [*FOREIGN, "a queue of another form"])
async def test_one_that_expires_is_set_aside_and_the_others_end(store, nursery, how):
    spoilt, sound = await append_pushes(store, nursery, push(expire_at=4e9), push(expire_at=4e9))
    spoil(store, spoilt, (FOREIGN | LOST)[how])
    expire(store, shard_of(store))
    assert [ended.push.id for ended in (await sweep(store, shard_of(store))).ended] == [sound]
    assert_set_aside(store, spoilt)


@pytest.mark.parametrize("how", ["a string", "a list", "a history of another form"])
async def test_one_that_was_sent_is_set_aside_and_the_others_are_settled(store, nursery, how):
    spoilt, sound = await append_pushes(store, nursery, push(), push())
    claims = (await take(store, FEED, {shard_of(store): 5}, 10)).claims
    spoil(store, spoilt, (FOREIGN | LOST)[how])
    tried = [outcome(claim, "retry", delay=60, attempt=Attempt(verdict="retry")) for claim in claims]
    assert await settle(store, tried, 60) == ["dead", "retrying"]
    assert_set_aside(store, spoilt)
    assert store.client.zscore(keys_of(store).later, sound)


async def test_what_the_store_refuses_of_all_is_nobodys_fault(store, nursery):
    [claimed] = await append_pushes(store, nursery, push())
    [claim] = (await take(store, FEED, {shard_of(store): 5}, 10)).claims
    store.client.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreUnavailableError, match="OOM"):
            await settle(store, [outcome(claim, "retry", attempt=Attempt(verdict="retry"))], 60)
    finally:
        store.client.config_set("maxmemory", 0)
    status = await read_push(store, claimed)
    assert status is not None
    assert status.state == "sending"


async def test_what_nobody_settles_however_often_it_is_taken_is_dead_in_the_end_with_its_history(store, nursery):
    [cursed, other] = await append_pushes(store, nursery, push(), push())
    for lost in range(16):
        claims = (await take(store, FEED, {shard_of(store): 1}, 0)).claims
        assert [claim.push.id for claim in claims] == [cursed], lost
        swept = await sweep(store, shard_of(store))
    assert [(ended.push.id, ended.state) for ended in swept.ended] == [(cursed, "dead")]
    status = await read_push(store, cursed)
    assert status is not None
    assert (status.state, status.error) == ("dead", "taken again and again, and never settled")
    assert [attempt.verdict for attempt in status.history] == ["lost"] * 16
    assert [each.push.id for each in (await list_dead(store, DeadFilter())).pushes] == [cursed]
    assert [claim.push.id for claim in (await take(store, FEED, {shard_of(store): 1}, 10)).claims] == [other]


async def test_one_that_was_settled_in_between_is_tried_again(store, nursery):
    await append_pushes(store, nursery, push())
    for lost in range(40):
        [claim] = (await take(store, FEED, {shard_of(store): 1}, 0)).claims
        if lost % 10 == 9:
            await settle(store, [outcome(claim, "retry", attempt=Attempt(verdict="retry"))], 60)
        assert (await sweep(store, shard_of(store))).ended == []


async def test_an_event_of_which_something_cannot_be_done_is_acknowledged_and_those_behind_it_are_acted_on(
    store, nursery
):
    spoilt, sound = await append_pushes(store, nursery, push(), push())
    for msgid, claim in enumerate((await take(store, FEED, {shard_of(store): 5}, 10)).claims):
        await settle(store, [outcome(claim, "sent", msgid=str(msgid))], 60)
    spoil(store, spoilt, FOREIGN["a list"])
    events = WaitingAppender(store)
    await nursery.start(events.run)
    for number in (0, 1):
        receipt = event(number, recipient="oUSER0", name="templatesendjobfinish", msgid=str(number), status="success")
        await events.append(receipt)
    entries = await read_events(store, shard_of(store), "me", 10)
    before = counted("event")
    ended = await settle_events(store, shard_of(store), entries)
    assert [each.push.id for each in ended] == [sound]
    assert counted("event") == before + 1
    assert store.client.xpending(keys_of(store).events, "dispatch")["pending"] == 0


async def test_an_event_that_nobody_foresaw_is_acknowledged_and_those_behind_it_are_acted_on(
    store, nursery, monkeypatch
):
    def surprised(body: bytes) -> object:
        raise TypeError(body)

    monkeypatch.setattr("queues.events.settler.read_choices", surprised)
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await events.append(event(0, recipient="oUSER0", name="subscribe_msg_popup_event"))
    await events.append(event(1, recipient="oUSER0", name="unsubscribe"))
    entries = await read_events(store, shard_of(store), "me", 10)
    with capture_logs() as logs:
        await settle_events(store, shard_of(store), entries)
    assert [(line["kind"], line["ids"], line["became"]) for line in logs] == [
        ("event", [entries[0].id], "acknowledged")
    ]
    assert store.client.hlen(keys_of(store).suppressed) == 1
    assert store.client.xpending(keys_of(store).events, "dispatch")["pending"] == 0


async def test_among_the_dead_it_is_passed_over_wherever_they_are_listed_or_replayed(store, nursery):
    spoilt, odd, sound = ids = await append_pushes(store, nursery, push(), push(), push())
    for claim in (await take(store, FEED, {shard_of(store): 5}, 10)).claims:
        await settle(store, [outcome(claim, "dead", error="errcode 47003")], 60)
    spoil(store, spoilt, FOREIGN["a string"])
    store.client.hset(keys_of(store).job(odd), "finished", "then")
    assert [each.push.id for each in (await list_dead(store, DeadFilter())).pushes] == [sound]
    store.client.hset(keys_of(store).job(odd), "expire", "soon")
    assert await replay_dead(store, ids, per_second=1000) == 1
    assert await read_statuses(store, [odd]) == [None]


async def test_the_gauges_are_read_all_the_same(store, nursery):
    spoilt, odd, _ = await append_pushes(store, nursery, *[push(send_at=4e9)] * 3)
    spoil(store, spoilt, FOREIGN["a string"])
    store.client.hset(keys_of(store).job(odd), "queue", "none")
    [later] = [stat for stat in (await read_stats(store)).queues if stat.queue == "later"]
    assert later.depth == 3


async def test_a_webhook_of_it_is_dropped(store, nursery):
    spoilt, sound = await append_pushes(store, nursery, push(notify=True), push(notify=True))
    for claim in (await take(store, FEED, {shard_of(store): 5}, 10)).claims:
        await settle(store, [outcome(claim, "dead")], 60)
    spoil(store, spoilt, FOREIGN["a string"])
    taken = await take_hooks(store, "violations", 10, 10)
    assert ([hook.push_id for hook in taken.hooks], taken.dropped) == ([sound], 1)


async def test_a_share_that_is_none_of_ours_is_left_out_and_the_others_are_served(store, nursery):
    [sound] = await append_pushes(store, nursery, push())
    work = keys_of(store).feed_work(FEED)
    store.client.hset(work, mapping={"none": "of:ours", "taxes:urgent": "x"})
    taken = await take(store, FEED, {shard_of(store): 5}, 10)
    assert [claim.push.id for claim in taken.claims] == [sound]
    assert taken.emptied == {shard_of(store)}
    assert not store.client.exists(work)


async def test_an_id_that_is_none_of_ours_is_not_repeated_in_the_log(store, nursery):
    await append_pushes(store, nursery, push())
    keys = keys_of(store)
    store.client.set(keys.job("oUSER0"), "x", ex=60)
    store.client.zadd(keys.claims, {"oUSER0": round(time.time() * 1000)})
    with capture_logs() as logs:
        await sweep(store, shard_of(store))
    assert [(line["count"], line["ids"]) for line in logs] == [(1, [])]
