"""What a template may use of a second and of a day, on a real store."""

import time
from itertools import pairwise

import pytest
import trio

from queues.account import TemplateLimit
from queues.keys import seats
from queues.limits.rate import AHEAD_SECONDS, GOOD_SECONDS
from queues.pushes.jobs import read_push
from queues.pushes.template_rate import ask_seats, park
from tests.queues.makers import ACCOUNT, FEED, push
from tests.queues.steps import append_pushes, take

T = {"T": TemplateLimit(per_second=40)}

pytestmark = pytest.mark.usefixtures("store_time")


async def asked(store, wanted, limits=T, *, api="template", tokens=None, lead=0.0):
    answers = await ask_seats(store, ACCOUNT, api, limits, {"T": wanted}, tokens, lead)
    return answers["T"]


async def test_a_seat_goes_with_a_token_and_is_void_when_that_is(store, store_time):
    ahead = (0.03, 0.035, 0.04)
    moments = [int(1e6 * (store_time.now + seconds)) for seconds in ahead]
    began = trio.current_time()
    got = await asked(store, 2, tokens=moments)
    assert [seat.token for seat in got.given] == moments[:2]
    for seat, seconds in zip(got.given, ahead, strict=False):
        assert seat.good_from >= began + seconds - 1e-5, "surely not before its moment"
        assert seat.good_until - seat.good_from <= GOOD_SECONDS


async def test_where_the_account_has_no_rate_a_seat_is_good_as_soon_as_it_is_free(store):
    began = trio.current_time()
    got = await asked(store, 45, lead=0.02)
    answered = trio.current_time()
    assert len(got.given) == 40
    assert all(began + 0.02 <= seat.good_from < answered + AHEAD_SECONDS for seat in got.given)
    assert not (await asked(store, 5)).given


async def test_as_many_may_wait_as_seats_come_free_soon(store, store_time):
    began = int(1e6 * store_time.now)
    spread = [began - 900_000 + n * 25_000 for n in range(40)]  # the seats come free one after another from now on
    await asked(store, 40, tokens=spread)
    got = await asked(store, 100, tokens=[])
    assert 10 <= got.waiting <= 20


async def test_what_may_not_wait_stands_in_a_line_at_the_templates_pace(store):
    await asked(store, 40)
    got = await asked(store, 100)
    dues = [got.back_in(place) for place in range(100 - got.waiting)]
    assert [later - due for due, later in pairwise(dues)] == pytest.approx([0.025] * (len(dues) - 1))
    assert 0.5 < dues[0] < 1, "some time before the first seat is free again"
    assert (await asked(store, 10)).back_in(0) == pytest.approx(dues[-1] + 0.025, abs=0.001), "behind those before it"


async def test_a_line_is_no_longer_than_ten_minutes_since_some_of_it_may_be_cancelled(store):
    slow = {"T": TemplateLimit(per_second=0.01)}
    await asked(store, 1, slow)
    got = await asked(store, 20, slow)
    assert got.back_in(19) - got.back_in(0) == pytest.approx(600, abs=2)


async def test_when_the_days_share_is_spent_the_others_come_back_at_midnight(store, store_time):
    limits = {"T": TemplateLimit(per_day=3)}
    got = await asked(store, 12, limits)
    assert (len(got.given), got.waiting) == (3, 0)
    assert all((store_time.now + got.back_in(place) + 28_800) % 86_400 < 60 for place in range(9)), "in Beijing"


async def test_with_some_of_a_day_left_the_rate_decides_when_the_others_come(store):
    got = await asked(store, 12, {"T": TemplateLimit(per_second=1, per_day=3)})
    assert got.back_in(0) < 2


async def test_each_api_of_each_account_counts_for_itself(store):
    for api in ("template", "subscribe"):
        assert len((await asked(store, 3, {"T": TemplateLimit(per_day=3)}, api=api)).given) == 3


async def test_a_new_rate_holds_from_the_next_time_on(store):
    await asked(store, 40)
    assert len((await asked(store, 50, {"T": TemplateLimit(per_second=45)})).given) == 5
    assert not (await asked(store, 50, {"T": TemplateLimit(per_second=10)})).given
    assert store.client.zcard(seats(ACCOUNT, "template", "T")) == 10


async def test_a_clock_that_went_back_silences_no_template(store):
    await asked(store, 40)
    key = seats(ACCOUNT, "template", "T")
    store.client.zadd(
        key, {seat: moment + 3_600e6 for seat, moment in store.client.zrange(key, 0, -1, withscores=True)}
    )
    assert (await asked(store, 2)).given


async def test_what_is_parked_comes_back_at_its_moment_and_no_try_is_counted(store, nursery):
    [push_id] = await append_pushes(store, nursery, push())
    [claim] = (await take(store, FEED, dict.fromkeys(range(store.shards), 1), 10)).claims
    await park(store, [(claim, 20.0)], 60)
    status = await read_push(store, push_id)
    assert (status.state, status.attempts, status.history) == ("parked", 0, ())
    assert status.error == "its template has had enough for now"
    assert status.due_at == pytest.approx(time.time() + 20, abs=5)
