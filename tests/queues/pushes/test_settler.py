import pytest
from msgspec import structs

from queues.attempt import Attempt
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.ids import shard_of_id
from queues.keys import WAKE_CHANNEL
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import cancel_push, read_push
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from tests.queues.makers import FEED, event, outcome, push
from tests.queues.steps import append_pushes, take
from tests.queues.waiting_appender import WaitingAppender

CITY = "city"


@pytest.fixture
async def claim(store, nursery):
    """One push, taken."""
    await append_pushes(store, nursery, push())
    [one] = (await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 1}, 10)).claims
    return one


async def state_of(store, claim):
    status = await read_push(store, claim.push.id)
    assert status is not None
    return status


async def receive(store, nursery, status, msgid="3557254367693750277"):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1, recipient="oUSER0", name="templatesendjobfinish", msgid=msgid, status=status))
    shard = store.shard_of(CITY, "oUSER0")
    return await settle_events(store, shard, await read_events(store, shard, "me", 10))


async def test_sent_then_delivered_by_its_receipt(store, nursery, claim):
    assert await settle(store, [outcome(claim, "sent", msgid="3557254367693750277")], 60) == ["sent"]
    assert (await state_of(store, claim)).attempts == 1
    [receipted] = await receive(store, nursery, "success")
    assert (receipted.push.id, receipted.state) == (claim.push.id, "delivered")
    assert (await state_of(store, claim)).state == "delivered"


@pytest.mark.parametrize("status", ["failed:user block", "failed: system failed"])
async def test_a_receipt_may_say_that_it_failed_and_why(store, nursery, claim, status):
    await settle(store, [outcome(claim, "sent", msgid="3557254367693750277")], 60)
    [receipted] = await receive(store, nursery, status)
    assert receipted.state == "failed"
    assert (await state_of(store, claim)).error == status


async def test_a_receipt_that_overtakes_our_own_settle_is_kept(store, nursery, claim):
    assert await receive(store, nursery, "success") == []
    assert await settle(store, [outcome(claim, "sent", msgid="3557254367693750277")], 60) == ["delivered"]


async def test_a_receipt_that_came_early_is_used_once(store, nursery, claim):
    await receive(store, nursery, "success")
    await settle(store, [outcome(claim, "sent", msgid="3557254367693750277")], 60)
    assert list(store.client.scan_iter("*receipt*")) == []


async def test_a_number_that_the_platform_gives_twice_is_no_receipt(store, nursery):
    await append_pushes(store, nursery, push(), push())
    claims = (await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 2}, 10)).claims
    assert await settle(store, [outcome(each, "sent", msgid="7") for each in claims], 60) == ["sent", "sent"]
    [receipted] = await receive(store, nursery, "success", msgid="7")
    assert receipted.push.id == claims[0].push.id


async def test_a_retry_waits_and_counts_an_attempt(store, claim):
    assert await settle(store, [outcome(claim, "retry", delay=0, error="errcode -1: system error")], 60) == ["retrying"]
    await sweep(store, store.shard_of(CITY, "oUSER0"))
    [again] = (await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 1}, 10)).claims
    assert (again.number, again.attempts) == (2, 1)


async def test_a_released_push_is_next_and_counts_none(store, nursery, claim):
    await append_pushes(store, nursery, push())
    assert await settle(store, [outcome(claim, "release")], 60) == ["queued"]
    [again] = (await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 1}, 10)).claims
    assert (again.push.id, again.attempts) == (claim.push.id, 0)


@pytest.mark.parametrize(("before", "state"), [(0, "scheduled"), (1, "retrying")])
async def test_a_push_that_is_put_off_is_scheduled_or_if_it_was_tried_before_still_to_be_repeated(
    store, claim, before, state
):
    store.client.hset(store.keys[store.shard_of(CITY, "oUSER0")].job(claim.push.id), "attempts", before)
    assert await settle(store, [outcome(claim, "later", delay=60, error="its repeat waits")], 60) == [state]
    assert (await state_of(store, claim)).attempts == before


async def test_a_parked_push_waits_and_counts_none(store, claim):
    assert await settle(store, [outcome(claim, "park", delay=3600)], 60) == ["parked"]
    swept = await sweep(store, store.shard_of(CITY, "oUSER0"))
    assert swept.next_due_seconds == pytest.approx(3600, abs=60)
    assert await cancel_push(store, claim.push.id) == "cancelled"


@pytest.mark.parametrize("kind", ["failed", "expired", "dead", "suppressed"])
async def test_a_final_state_keeps_its_reason_and_has_a_term(store, claim, kind):
    assert await settle(store, [outcome(claim, kind, error="errcode 47003: why")], 60) == [kind]
    status = await state_of(store, claim)
    assert (status.state, status.error) == (kind, "errcode 47003: why")
    assert 0 < store.client.ttl(f"{{tg{store.shard_of(CITY, 'oUSER0')}}}:job:{claim.push.id}") <= 60
    dead = store.client.zcard(store.keys[store.shard_of(CITY, "oUSER0")].dead)
    assert dead == (1 if kind == "dead" else 0)


async def test_what_was_given_up_is_listed_for_as_long_as_it_is_kept(store, store_time, nursery):
    first, second, third = await append_pushes(store, nursery, push(), push(), push())
    shard = store.shard_of(CITY, "oUSER0")
    for seconds, listed in ((0, [first]), (59, [first, second]), (2, [second, third])):
        store_time.now += seconds
        [claim] = (await take(store, FEED, {shard: 1}, 100)).claims
        await settle(store, [outcome(claim, "dead")], 60)
        assert [push_id.decode() for push_id in store.client.zrange(store.keys[shard].dead, 0, -1)] == listed


async def test_settling_twice_changes_nothing(store, claim):
    assert await settle(store, [outcome(claim, "sent", msgid="1")], 60) == ["sent"]
    assert await settle(store, [outcome(claim, "dead", error="late")], 60) == [None]
    assert (await state_of(store, claim)).state == "sent"


async def test_a_worker_that_lost_its_claim_changes_nothing(store, nursery):
    await append_pushes(store, nursery, push())
    shard = store.shard_of(CITY, "oUSER0")
    [frozen] = (await take(store, FEED, {shard: 1}, 0)).claims
    swept = await sweep(store, shard)
    assert swept.reclaimed == 1
    assert await settle(store, [outcome(frozen, "sent", msgid="1")], 60) == [None], "its claim had ended"
    [successor] = (await take(store, FEED, {shard: 1}, 10)).claims
    assert successor.number == frozen.number + 1
    assert await settle(store, [outcome(frozen, "sent", msgid="1")], 60) == [None], "another has it now"
    assert await settle(store, [outcome(successor, "sent", msgid="2")], 60) == ["sent"]


async def test_a_push_with_an_idempotency_key_outlives_the_key(store, nursery):
    [push_id] = await append_pushes(store, nursery, push(key="k"))
    shard = store.shard_of(CITY, "oUSER0")
    [claim] = (await take(store, FEED, {shard: 1}, 10)).claims
    await settle(store, [outcome(claim, "dead", error="x")], 60)
    assert store.client.ttl(store.keys[shard].job(push_id)) > 86_400


async def again(store):
    """The same push, due and taken once more."""
    shard = store.shard_of(CITY, "oUSER0")
    await sweep(store, shard)
    [claim] = (await take(store, FEED, {shard: 1}, 10)).claims
    return claim


BUSY = Attempt(verdict="retry", errcode=-1, rid="6630c9ed-1f2e", error="errcode -1: system busy")
SILENT = Attempt(verdict="retry", error="ReadTimeout: 5 s")


async def test_every_attempt_is_remembered_up_to_the_one_that_was_accepted(store, claim):
    await settle(store, [outcome(claim, "retry", attempt=BUSY)], 60)
    await settle(store, [outcome(await again(store), "park", attempt=SILENT)], 60)
    await settle(store, [outcome(await again(store), "sent", msgid="7")], 60)
    history = (await state_of(store, claim)).history
    assert [(one.verdict, one.errcode, one.rid) for one in history] == [
        ("retry", -1, "6630c9ed-1f2e"),
        ("retry", None, ""),
        ("sent", 0, ""),
    ]
    assert [one.error for one in history] == ["errcode -1: system busy", "ReadTimeout: 5 s", ""]
    times = [one.at for one in history]
    assert times == sorted(times)
    assert times[0] > 1.7e9


async def test_a_push_that_is_given_up_keeps_its_history(store, claim):
    wrong = Attempt(verdict="dead", errcode=47003, error="x" * 200)
    await settle(store, [outcome(claim, "dead", attempt=wrong)], 60)
    [last] = (await state_of(store, claim)).history
    assert (last.verdict, last.errcode, last.error) == ("dead", 47003, "x" * 59 + "…")


async def test_a_history_is_bounded_to_the_first_attempt_and_the_latest(store, claim):
    for number in range(20):
        attempt = Attempt(verdict="retry", errcode=number)
        await settle(store, [outcome(claim if number == 0 else await again(store), "retry", attempt=attempt)], 60)
    assert [one.errcode for one in (await state_of(store, claim)).history] == [0, *range(5, 20)]


async def test_an_unknown_outcome_is_repeated_while_that_is_safe(store, claim):
    for one in (claim, None, None):
        unknown = outcome(one or await again(store), "retry", attempt=SILENT, safe_seconds=600)
        assert await settle(store, [unknown], 60) == ["retrying"]


async def test_an_unknown_outcome_that_is_never_safe_to_repeat_ends_it(store, claim):
    assert await settle(store, [outcome(claim, "retry", delay=1, attempt=SILENT, safe_seconds=0)], 60) == ["failed"]
    status = await state_of(store, claim)
    assert status.error.startswith("outcome unknown")
    assert (status.attempts, len(status.history)) == (1, 1)


async def test_and_so_does_one_that_would_be_repeated_too_long_after_the_first_attempt(store, claim):
    assert await settle(store, [outcome(claim, "retry", attempt=BUSY)], 60) == ["retrying"]
    late = outcome(await again(store), "retry", delay=700, attempt=SILENT, safe_seconds=600)
    assert await settle(store, [late], 60) == ["failed"]


async def test_a_refusal_of_one_template_leaves_the_others(store, nursery, claim):
    refused = outcome(claim, "suppressed", error="errcode 43101: user refuse", suppress="template", template="T")
    assert await settle(store, [refused], 60) == ["suppressed"]
    appender = PushAppender(store)
    await nursery.start(appender.run)
    same, other = await appender.append([push(), push(template="OTHER")])
    taken = await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 5}, 10)
    assert [one.push.id for one in taken.claims] == [other.id]
    assert (await read_push(store, same.id)).error == "errcode 43101: user refuse"


def on_next_channel(claim):
    return structs.replace(claim.push, channel="custom", body=b"{}", fallback=())


async def test_a_push_moves_to_its_next_channel_under_its_id_and_begins_there_anew(store, claim):
    refused = Attempt(verdict="suppressed", errcode=43101)
    moving = outcome(claim, "move", error="errcode 43101", attempt=refused, next_push=on_next_channel(claim))
    assert await settle(store, [moving, moving], 60) == ["queued", None]
    shard = store.shard_of(CITY, "oUSER0")
    assert (await take(store, FEED, {shard: 5}, 10)).claims == []
    [again] = (await take(store, "city:custom", {shard: 5}, 10)).claims
    assert (again.push, again.attempts) == (on_next_channel(claim), 0)
    await settle(store, [outcome(again, "sent")], 60)
    assert [attempt.errcode for attempt in (await state_of(store, claim)).history] == [43101, 0]


@pytest.mark.parametrize(("suppress", "template", "left"), [("recipient", "", 0), ("template", "T", 1)])
async def test_a_push_that_moves_leaves_the_suppression_behind_that_moved_it(
    store, nursery, claim, suppress, template, left
):
    refusal = {"suppress": suppress, "template": template, "error": "errcode 43004"}
    await settle(store, [outcome(claim, "move", next_push=on_next_channel(claim), **refusal)], 60)
    await append_pushes(store, nursery, push(), push(template="OTHER"))
    taken = await take(store, FEED, {store.shard_of(CITY, "oUSER0"): 5}, 10)
    assert len(taken.claims) == left


@pytest.mark.parametrize(("repeat_safe", "state"), [(True, "queued"), (False, "failed")])
async def test_after_an_unknown_outcome_it_moves_only_where_a_repeat_could_not_arrive_twice(
    store, claim, repeat_safe, state
):
    await settle(store, [outcome(claim, "retry", attempt=Attempt(verdict="unknown"))], 60)
    shard = store.shard_of(CITY, "oUSER0")
    await sweep(store, shard)
    [again] = (await take(store, FEED, {shard: 1}, 10)).claims
    refused = Attempt(verdict="dead", errcode=45015)
    moving = outcome(again, "move", attempt=refused, next_push=on_next_channel(claim), repeat_safe=repeat_safe)
    assert await settle(store, [moving], 60) == [state]


async def test_what_a_worker_had_that_was_lost_may_have_arrived_too(store, nursery):
    await append_pushes(store, nursery, push())
    shard = store.shard_of(CITY, "oUSER0")
    await take(store, FEED, {shard: 1}, 0)
    await sweep(store, shard)
    [again] = (await take(store, FEED, {shard: 1}, 10)).claims
    refused = Attempt(verdict="dead", errcode=45015)
    moving = outcome(again, "move", attempt=refused, next_push=on_next_channel(again))
    assert await settle(store, [moving], 60) == ["failed"]


@pytest.mark.parametrize(("kind", "word"), [("release", b"push"), ("retry", b"due")])
async def test_what_is_to_be_sent_again_wakes_the_others(store, claim, kind, word):
    shard = store.shard_of(CITY, "oUSER0")
    with store.client.pubsub() as heard:
        heard.subscribe(WAKE_CHANNEL)
        assert heard.get_message(timeout=10)["type"] == "subscribe"
        await settle(store, [outcome(claim, kind, delay=60)], 60)
        assert heard.get_message(timeout=10)["data"].startswith(b"%b %d " % (word, shard))


async def test_what_was_sent_in_the_end_shows_no_error(store, claim):
    await settle(store, [outcome(claim, "retry", error="errcode -1")], 60)
    shard = store.shard_of(CITY, "oUSER0")
    await sweep(store, shard)
    [again] = (await take(store, FEED, {shard: 1}, 10)).claims
    await settle(store, [outcome(again, "sent", msgid="X1")], 60)
    assert (await state_of(store, claim)).error == ""


async def test_what_expired_before_it_was_sent_counts_no_attempt(store, claim):
    assert await settle(store, [outcome(claim, "expired", error="too late")], 60) == ["expired"]
    assert (await state_of(store, claim)).attempts == 0


async def test_what_was_sent_is_kept_for_so_long_and_no_longer(store, claim):
    await settle(store, [outcome(claim, "sent", msgid="X1")], 60)
    assert 0 < store.client.ttl(store.keys[shard_of_id(claim.push.id)].job(claim.push.id)) <= 60


async def test_what_else_the_platform_said_is_kept(store, claim):
    told = structs.replace(outcome(claim, "sent", msgid="X1"), detail=b'{"invaliduser":"lisi"}')
    await settle(store, [told], 60)
    assert (await state_of(store, claim)).detail == b'{"invaliduser":"lisi"}'
