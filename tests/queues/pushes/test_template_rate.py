"""What a template may use of a second and of a day, on a real store."""

import math
import time
from itertools import pairwise

import msgpack
import pytest
import trio

from queues.account import TemplateLimit
from queues.keys import templates
from queues.pushes.jobs import read_push
from queues.pushes.taker import take
from queues.pushes.template_rate import admit
from tests.queues.makers import ACCOUNT, FEED, push
from tests.queues.pushes.test_taker import enqueue

PER_DAY = {"T": TemplateLimit(per_day=3)}
RECIPIENTS = [f"oUSER{n}" for n in range(12)]


async def taken_and_admitted(store, limits):
    """The ids of what one round takes of all shards, and of what of that may go."""
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 50), 10)
    admitted = await admit(store, "template", limits, taken.claims, 60)
    return {claim.push.id for claim in taken.claims}, [claim.push.id for claim in admitted]


async def parked(store, ids):
    """When those come back that were set aside, the first one first."""
    found = [status for each in ids if (status := await read_push(store, each)) and status.state == "parked"]
    assert {status.error for status in found} <= {"its template has had enough for now"}
    assert all(status.attempts == 0 and status.history == () for status in found)
    return sorted(status.due_at for status in found)


async def test_a_days_share_holds_over_all_shards_and_the_rest_waits_for_midnight(store, nursery):
    ids = await enqueue(store, nursery, *[push(each) for each in RECIPIENTS])
    taken, admitted = await taken_and_admitted(store, PER_DAY)
    assert (len(taken), len(admitted)) == (12, 3)
    dues = await parked(store, ids)
    assert len(dues) == 9
    assert all((due + 28_800) % 86_400 < 60 for due in dues), "midnight in Beijing, or just after it"


async def test_a_rate_sets_aside_what_is_too_much_each_for_a_moment_of_its_own(store, nursery):
    ids = await enqueue(store, nursery, *[push(each) for each in RECIPIENTS])
    _, admitted = await taken_and_admitted(store, {"T": TemplateLimit(per_second=0.1)})
    assert len(admitted) == 1
    dues = await parked(store, ids)
    assert [later - due for due, later in pairwise(dues)] == pytest.approx([10.2] * 10, abs=1)


async def test_what_goes_now_counts_until_a_window_after_it_may_be_sent_last(store, nursery):
    """It waits for a token of its account's rate: one let through a second later could go with it."""
    ids = await enqueue(store, nursery, *[push(each) for each in RECIPIENTS[:2]])
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 2), 10)
    asked, wall = trio.current_time(), time.time()
    [admitted] = await admit(store, "template", {"T": TemplateLimit(per_second=1)}, taken.claims, 60, good_seconds=20)
    assert asked < admitted.good_until <= trio.current_time() + 20
    [due] = await parked(store, ids)
    assert due - wall >= 20 + 1


async def test_what_has_no_limit_may_go_at_any_time(store, nursery):
    await enqueue(store, nursery, push(), push(template="U"))
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 2), 10)
    admitted = await admit(store, "template", {"T": TemplateLimit(per_second=5)}, taken.claims, 60)
    assert {claim.push.template_id: claim.good_until < math.inf for claim in admitted} == {"T": True, "U": False}


async def test_other_templates_go_meanwhile(store, nursery):
    limited = [push(each) for each in RECIPIENTS]
    others = await enqueue(store, nursery, *limited, *[push(each, template="U") for each in RECIPIENTS])
    _, admitted = await taken_and_admitted(store, PER_DAY)
    assert set(others[12:]) <= set(admitted)
    assert len(admitted) == 15


async def test_each_api_of_each_account_counts_for_itself(store, nursery):
    await enqueue(store, nursery, *[push(each) for each in RECIPIENTS])
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 3), 10)
    assert len(await admit(store, "template", PER_DAY, taken.claims, 60)) == 3
    assert len(await admit(store, "subscribe", PER_DAY, taken.claims[:3], 60)) == 3


async def test_a_line_is_no_longer_than_ten_minutes_since_some_of_it_may_be_cancelled(store, nursery):
    ids = await enqueue(store, nursery, *[push(each) for each in RECIPIENTS])
    await taken_and_admitted(store, {"T": TemplateLimit(per_second=0.01)})
    dues = await parked(store, ids)
    assert dues[-1] - dues[0] == pytest.approx(600, abs=2)


async def test_a_clock_that_went_back_silences_no_template(store, nursery):
    await enqueue(store, nursery, *[push(each) for each in RECIPIENTS])
    rate = {"T": TemplateLimit(per_second=2)}
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 50), 10)
    await admit(store, "template", rate, taken.claims[:2], 60)
    key = templates(ACCOUNT, "template")
    day, sent, line, tick, count = msgpack.unpackb(store.client.hget(key, "T"))
    store.client.hset(key, "T", msgpack.packb([day, sent, line, tick + 3_600_000, count]))
    assert len(await admit(store, "template", rate, taken.claims[2:4], 60)) == 2


async def test_without_a_limit_nothing_is_asked(store, nursery, monkeypatch):
    await enqueue(store, nursery, push())
    taken = await take(store, FEED, dict.fromkeys(range(store.shards), 3), 10)
    monkeypatch.setattr(type(store), "run", None)
    assert await admit(store, "template", {"U": TemplateLimit(per_day=1)}, taken.claims, 60) == taken.claims
