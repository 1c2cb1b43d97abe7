import trio

from queues.ids import shard_of_id
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import cancel_push, read_push
from tests.queues.makers import NOW, push


async def appender_on(store, nursery) -> PushAppender:
    appender = PushAppender(store)
    await nursery.start(appender.run)
    return appender


async def test_a_push_is_queued_under_an_id_that_names_its_shard(store, nursery):
    appender = await appender_on(store, nursery)
    [accepted] = await appender.append([push("oUSER1")])
    assert accepted.status == "queued"
    assert shard_of_id(accepted.id) == store.shard_of("city", "oUSER1")
    status = await read_push(store, accepted.id)
    assert status is not None
    assert (status.state, status.attempts, status.push.recipient) == ("queued", 0, "oUSER1")


async def test_results_stand_in_the_order_of_the_items(store, nursery):
    appender = await appender_on(store, nursery)
    accepted = await appender.append([push(f"oUSER{n}") for n in range(50)])
    for number, one in enumerate(accepted):
        status = await read_push(store, one.id)
        assert status is not None
        assert status.push.recipient == f"oUSER{number}"


async def test_the_same_key_from_the_same_upstream_is_one_push(store, nursery):
    appender = await appender_on(store, nursery)
    [first, twin] = await appender.append([push(key="k"), push(key="k")])
    [again] = await appender.append([push("oSOMEONE_ELSE", key="k")])
    [other] = await appender.append([push(key="k", upstream="grades")])
    assert (first.status, twin.status, again.status, other.status) == ("queued", "duplicate", "duplicate", "queued")
    assert first.id == twin.id == again.id != other.id


async def test_two_requests_with_one_key_at_once_are_one_push(store, nursery):
    appender = await appender_on(store, nursery)
    accepted = []

    async def enqueue() -> None:
        accepted.extend(await appender.append([push(key="k")]))

    async with trio.open_nursery() as requests:
        for _ in range(10):
            requests.start_soon(enqueue)
    assert len({one.id for one in accepted}) == 1
    assert sorted(one.status for one in accepted) == ["duplicate"] * 9 + ["queued"]


async def test_a_key_reserved_by_a_crashed_gateway_is_completed_by_the_repeat(store, nursery):
    """Between the reservation and the append there is an id without a job; the repeat is given it and makes the job."""
    appender = await appender_on(store, nursery)
    [first] = await appender.append([push(key="k")])
    store.client.delete(store.keys[shard_of_id(first.id)].job(first.id))
    [again] = await appender.append([push(key="k")])
    assert again.id == first.id
    assert again.status == "queued"


async def test_a_push_for_later_waits_outside_the_queues(store, nursery):
    appender = await appender_on(store, nursery)
    [accepted] = await appender.append([push(send_at=4_000_000_000)])
    assert accepted.status == "scheduled"
    shard = shard_of_id(accepted.id)
    assert store.client.zscore(store.keys[shard].later, accepted.id) == 4_000_000_000_000
    assert not store.client.exists(store.keys[shard].work)


async def test_a_send_time_that_has_passed_means_now(store, nursery):
    appender = await appender_on(store, nursery)
    [accepted] = await appender.append([push(send_at=NOW - 10)])
    assert accepted.status == "queued"


async def test_cancelling(store, nursery):
    appender = await appender_on(store, nursery)
    queued, scheduled = await appender.append([push(), push(send_at=4_000_000_000)])
    assert await cancel_push(store, queued.id) == "cancelled"
    assert await cancel_push(store, scheduled.id) == "cancelled"
    assert await cancel_push(store, queued.id) == "cancelled", "again is no error"
    assert store.client.zcard(store.keys[shard_of_id(scheduled.id)].later) == 0
    status = await read_push(store, queued.id)
    assert status is not None
    assert status.state == "cancelled"


async def test_an_id_that_is_none_or_unknown_finds_nothing(store):
    for push_id in ("", "nonsense", "0-01J", "ff-01JABCDEFGHJKMNPQRSTVWXYZ0", "0-01JABCDEFGHJKMNPQRSTVWXYZ0"):
        assert await read_push(store, push_id) is None
        assert await cancel_push(store, push_id) is None


async def test_a_mixed_batch_is_put_where_each_belongs_and_told_in_order(store, nursery):
    appender = await appender_on(store, nursery)
    kinds = [
        push("oA"),
        push("oB", priority="high", send_at=4_000_000_000),
        push("oC", upstream="grades", expire_at=4_000_000_000),
        push("oD", key="k"),
        push("oE", account="uni"),
    ]
    accepted = await appender.append([each for _ in range(40) for each in kinds])
    assert [one.status for one in accepted[:5]] == ["queued", "scheduled", "queued", "queued", "queued"]
    assert [one.status for one in accepted[5:10]] == ["queued", "scheduled", "queued", "duplicate", "queued"]
    for position in (0, 1, 2, 4, 199):
        status = await read_push(store, accepted[position].id)
        assert status is not None
        wanted = kinds[position % 5]
        assert (status.push.recipient, status.push.upstream) == (wanted.recipient, wanted.upstream)
        assert (status.push.priority, status.push.expire_at) == (wanted.priority, wanted.expire_at)


async def test_a_batch_waits_in_the_order_it_came_in(store, nursery):
    """Beyond what Lua hands over in one call."""
    appender = await appender_on(store, nursery)
    accepted = await appender.append([push("oSAME") for _ in range(2_500)])
    [queue] = store.client.keys("*:q:*")
    assert [push_id.decode() for push_id in store.client.lrange(queue, 0, -1)] == [one.id for one in reversed(accepted)]


async def test_a_call_that_is_made_again_after_a_lost_answer_changes_nothing(store, nursery, monkeypatch):
    appender = await appender_on(store, nursery)
    commit = store.commit

    async def answer_lost(operation, calls):
        await commit(operation, calls)
        return await commit(operation, calls)

    monkeypatch.setattr(store, "commit", answer_lost)
    accepted = await appender.append([push("oA"), push("oA"), push("oB", key="k")])
    assert [one.status for one in accepted] == ["queued"] * 3
    assert sum(store.client.llen(queue) for queue in store.client.keys("*:q:*")) == 3
