from collections import Counter

from msgspec.structs import replace

from queues.account import RecipientLimit
from queues.limits.rate import HeldTemplate
from queues.push import Fallback, Priority
from queues.pushes.jobs import cancel_push, read_push
from queues.pushes.settler import settle
from queues.pushes.taker import Terms
from tests.queues.makers import FEED, event, outcome, push
from tests.queues.steps import append_pushes, take

CITY = "city"
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "bulk")


def shard(store, recipient="oUSER0", account=CITY) -> int:
    return store.shard_of(account, recipient)


async def test_pushes_are_taken_in_order_and_claimed(store, nursery):
    ids = await append_pushes(store, nursery, *[push() for _ in range(5)])
    taken = await take(store, FEED, {shard(store): 3}, 10)
    assert [claim.push.id for claim in taken.claims] == ids[:3]
    assert taken.emptied == set()
    assert {claim.number for claim in taken.claims} == {1}
    status = await read_push(store, ids[0])
    assert status is not None
    assert status.state == "sending"
    rest = await take(store, FEED, {shard(store): 3}, 10)
    assert [claim.push.id for claim in rest.claims] == ids[3:]
    assert rest.emptied == {shard(store)}


async def test_a_push_of_another_version_is_left_claimed_and_those_behind_it_are_taken(store, nursery):
    unread, readable = await append_pushes(store, nursery, push(), push())
    store.client.hset(store.keys[shard(store)].job(unread), "payload", b"\x91\x63")
    taken = await take(store, FEED, {shard(store): 3}, 10)
    assert [claim.push.id for claim in taken.claims] == [readable]
    assert store.client.zscore(store.keys[shard(store)].claims, unread), "a program that reads it takes it after that"
    assert await read_push(store, unread) is None


async def test_all_shards_are_asked_at_once(store, nursery):
    ids = await append_pushes(store, nursery, *[push(f"oUSER{n}") for n in range(40)])
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 40), 10)
    assert sorted(claim.push.id for claim in taken.claims) == sorted(ids)
    assert taken.emptied == set(range(store.shards))


async def test_nothing_is_taken_of_another_channel(store, nursery):
    await append_pushes(store, nursery, push(channel="custom"))
    assert (await take(store, FEED, {shard(store): 3}, 10)).claims == []
    assert len((await take(store, "city:custom", {shard(store): 3}, 10)).claims) == 1


async def test_nothing_is_taken_of_another_account(store, nursery):
    await append_pushes(store, nursery, push(account="uni"))
    assert (await take(store, FEED, {shard(store, account="uni"): 3}, 10)).claims == []


async def test_upstreams_share_evenly_when_one_floods(store, nursery):
    await append_pushes(
        store, nursery, *[push(upstream="flood") for _ in range(100)], *[push(upstream="small") for _ in range(5)]
    )
    taken = await take(store, FEED, {shard(store): 10}, 10)
    assert sorted(claim.push.upstream for claim in taken.claims) == ["flood"] * 5 + ["small"] * 5


async def test_an_upstream_has_one_share_however_many_priorities_it_floods(store, nursery):
    flood = [push(upstream="flood", priority=priority) for priority in PRIORITIES for _ in range(50)]
    await append_pushes(store, nursery, *flood, *[push(upstream="small", priority="bulk") for _ in range(20)])
    taken = await take(store, FEED, {shard(store): 40}, 10)
    assert sorted(claim.push.upstream for claim in taken.claims) == ["flood"] * 20 + ["small"] * 20


async def test_within_an_upstream_each_priority_has_its_share_and_bulk_never_starves(store, nursery):
    await append_pushes(store, nursery, *[push(priority=priority) for priority in PRIORITIES for _ in range(100)])
    taken = await take(store, FEED, {shard(store): 42}, 10)
    assert Counter(claim.push.priority for claim in taken.claims) == {"high": 32, "normal": 8, "bulk": 2}


async def test_when_the_days_ordinary_share_is_spent_only_high_priority_goes(store, nursery):
    await append_pushes(store, nursery, push(priority="bulk"), push(priority="high"), push(priority="high"))
    taken = await take(store, FEED, {shard(store): 9}, 10, Terms(ordinary=0))
    assert [claim.push.priority for claim in taken.claims] == ["high", "high"]
    assert taken.emptied == {shard(store)}  # nothing is there that may be taken
    rest = await take(store, FEED, {shard(store): 9}, 10, Terms(ordinary=1))
    assert [claim.push.priority for claim in rest.claims] == ["bulk"]


async def test_of_the_ordinary_share_no_more_is_taken_than_is_left_of_it(store, nursery):
    alone = await append_pushes(store, nursery, *[push("oALONE") for _ in range(5)])
    taken = await take(store, FEED, {shard(store, "oALONE"): 9}, 10, Terms(ordinary=2))
    assert [claim.push.id for claim in taken.claims] == alone[:2]
    store.client.flushall()
    await append_pushes(store, nursery, *[push(priority=priority) for priority in PRIORITIES for _ in range(5)])
    taken = await take(store, FEED, {shard(store): 9}, 10, Terms(ordinary=3))
    assert Counter(claim.push.priority == "high" for claim in taken.claims) == {True: 5, False: 3}


async def test_however_many_wait_aside_one_call_is_bounded(store, nursery):
    """Nobody else is served while a script runs."""
    await append_pushes(store, nursery, *[push() for _ in range(150)])
    resting = Terms(held=[HeldTemplate("T", 300, probe=False)])
    later, asides = store.keys[shard(store)].later, []
    for _ in range(2):
        taken = await take(store, FEED, {shard(store): 5}, 10, resting)
        asides.append((store.client.zcard(later), taken.emptied))
    assert asides == [(105, set()), (150, {shard(store)})]


async def test_pushes_of_a_held_template_wait_aside_and_the_others_go(store, nursery):
    other = replace(push(), body=b'{"template_id":"U","data":{"template_id":{"value":"T"}}}')
    held_id, other_id = await append_pushes(store, nursery, push(), other)
    taken = await take(store, FEED, {shard(store): 9}, 10, Terms(held=[HeldTemplate("T", 300, probe=False)]))
    assert [claim.push.id for claim in taken.claims] == [other_id]
    status = await read_push(store, held_id)
    assert status is not None
    assert (status.state, status.error) == ("parked", "its template rests")
    assert store.client.zscore(store.keys[shard(store)].later, held_id) == status.due_at * 1000


async def test_one_push_of_a_held_template_is_tried(store, nursery):
    ids = await append_pushes(store, nursery, push(), push())
    taken = await take(store, FEED, {shard(store): 9}, 10, Terms(held=[HeldTemplate("T", 15, probe=True)]))
    assert [claim.push.id for claim in taken.claims] == ids[:1]


async def test_two_pushes_to_a_recipient_keep_their_distance(store, nursery):
    gap = Terms(recipient=RecipientLimit(gap_seconds=60))
    ids = await append_pushes(store, nursery, push(), push(), push())
    taken = await take(store, FEED, {shard(store): 9}, 10, gap)
    assert [claim.push.id for claim in taken.claims] == ids[:1]
    dues = [status.due_at for each in ids[1:] if (status := await read_push(store, each))]
    assert dues[1] - dues[0] == 60  # they do not come back together


async def test_a_recipient_gets_no_more_than_its_share_of_a_day(store, nursery):
    cap = Terms(recipient=RecipientLimit(per_day=2))
    ids = await append_pushes(store, nursery, *[push() for _ in range(4)])
    taken = await take(store, FEED, {shard(store): 9}, 10, cap)
    assert [claim.push.id for claim in taken.claims] == ids[:2]
    status = await read_push(store, ids[2])
    assert status is not None
    assert (status.due_at + 28_800) % 86_400 == 0  # midnight in Beijing


async def test_a_repeat_is_no_second_push_to_its_recipient(store, nursery):
    gap = Terms(recipient=RecipientLimit(gap_seconds=60))
    await append_pushes(store, nursery, push())
    [claim] = (await take(store, FEED, {shard(store): 9}, 10, gap)).claims
    await settle(store, [outcome(claim, "release")], 60)
    assert len((await take(store, FEED, {shard(store): 9}, 10, gap)).claims) == 1


async def test_a_newcomer_is_served_at_once_but_earns_no_credit_for_its_absence(store, nursery):
    await append_pushes(store, nursery, *[push(upstream="flood") for _ in range(100)])
    await take(store, FEED, {shard(store): 50}, 10)
    await append_pushes(store, nursery, *[push(upstream="late") for _ in range(50)])
    taken = await take(store, FEED, {shard(store): 20}, 10)
    assert taken.claims[0].push.upstream == "late"
    assert sum(claim.push.upstream == "late" for claim in taken.claims) in (10, 11)


async def test_priorities_have_shares_so_that_bulk_never_starves(store, nursery):
    await append_pushes(
        store,
        nursery,
        *[push(priority="bulk") for _ in range(50)],
        *[push(priority="normal") for _ in range(50)],
        *[push(priority="high") for _ in range(50)],
    )
    taken = await take(store, FEED, {shard(store): 42}, 10)
    count = {name: sum(claim.push.priority == name for claim in taken.claims) for name in ("high", "normal", "bulk")}
    assert count["high"] in (31, 32, 33)
    assert count["normal"] in (7, 8, 9)
    assert count["bulk"] in (2, 3)


async def test_what_was_cancelled_is_dropped_and_the_next_takes_its_place(store, nursery):
    ids = await append_pushes(store, nursery, push(), push())
    await cancel_push(store, ids[0])
    taken = await take(store, FEED, {shard(store): 1}, 10)
    assert [claim.push.id for claim in taken.claims] == [ids[1]]


async def test_what_expired_is_finished_not_sent(store, nursery):
    ids = await append_pushes(store, nursery, push(expire_at=1), push())
    taken = await take(store, FEED, {shard(store): 1}, 10)
    assert [(dropped.push.id, dropped.state) for dropped in taken.dropped] == [(ids[0], "expired")]
    assert [claim.push.id for claim in taken.claims] == [ids[1]]
    status = await read_push(store, ids[0])
    assert status is not None
    assert status.state == "expired"
    assert status.finished_at > 0


async def test_a_suppressed_recipients_later_pushes_are_not_sent(store, nursery):
    ids = await append_pushes(store, nursery, push(), push())
    [claim] = (await take(store, FEED, {shard(store): 1}, 10)).claims
    await settle(store, [outcome(claim, "suppressed", error="errcode 43004", suppress="recipient")], 60)
    taken = await take(store, FEED, {shard(store): 5}, 10)
    assert [(dropped.push.id, dropped.state) for dropped in taken.dropped] == [(ids[1], "suppressed")]
    assert taken.claims == []
    assert event(0).recipient == "oUSER0"


async def test_what_is_for_a_webhook_now_or_in_the_end_passes_a_suppression(store, nursery):
    by_template, last = push(), Fallback("webhook", b'{"message":{}}', ("refused",))
    with_webhook, at_webhook = replace(push(), fallback=(last,)), replace(push(), channel="webhook")
    await append_pushes(store, nursery, by_template)
    [claim] = (await take(store, FEED, {shard(store): 1}, 10)).claims
    await settle(store, [outcome(claim, "suppressed", error="errcode 43004", suppress="recipient")], 60)
    dropped, falls_back, goes_there = await append_pushes(store, nursery, by_template, with_webhook, at_webhook)
    taken = await take(store, FEED, {shard(store): 5}, 10)
    assert [ended.push.id for ended in taken.dropped] == [dropped]
    assert [claim.push.id for claim in taken.claims] == [falls_back]
    webhooks = (await take(store, "city:webhook", {shard(store): 5}, 10)).claims
    assert [claim.push.id for claim in webhooks] == [goes_there]
