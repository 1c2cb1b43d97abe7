"""What rests, for how long, and how one push at a time finds out whether it may go on."""

import pytest
import trio

from queues.account import ApiLimit
from queues.keys import holds
from queues.limits import rate
from queues.limits.holds import ACCOUNT, Hold, api_field, hold, park, read_holds, resume, stop_account, template_field
from queues.limits.rate import Lease, LeaseRequest
from queues.store import Store
from queues.token import ask_token, postpone_refresh

CITY, API = "city", "template"
FREE = ApiLimit()


async def lease(store: Store, account: str, api: str, limit: ApiLimit, wanted: int) -> Lease:
    return await rate.lease(store, LeaseRequest(account=account, api=api, limit=limit, wanted=wanted))


async def over(store, field: str) -> None:
    """Let a hold's time be up."""
    value = store.client.hget(holds(CITY), field)
    store.client.hset(holds(CITY), field, b"1 " + value.split(b" ", 1)[1])


async def test_a_parked_api_grants_nothing_and_leaves_the_others_alone(store):
    await park(store, CITY, API, 60)
    parked = await lease(store, CITY, API, FREE, 1)
    assert (parked.granted, parked.state, parked.reason) == (0, "parked", "quota")
    assert 59 < parked.wait_seconds <= 60
    assert (await lease(store, CITY, "custom", FREE, 1)).granted == 1


async def test_a_stopped_account_grants_nothing_and_says_why(store):
    await stop_account(store, CITY, "errcode 40125: invalid appsecret", 60)
    stopped = await lease(store, CITY, "custom", FREE, 1)
    assert (stopped.granted, stopped.state, stopped.reason) == (0, "stopped", "errcode 40125: invalid appsecret")
    assert (await lease(store, "uni", API, FREE, 1)).granted == 1


async def test_when_the_time_is_up_one_push_is_tried_and_no_other(store):
    await park(store, CITY, API, 60)
    await over(store, api_field(API))
    first = await lease(store, CITY, API, FREE, 100)
    assert (first.granted, first.state) == (1, "probe")
    second = await lease(store, CITY, API, FREE, 100)
    assert (second.granted, second.state) == (0, "parked")
    assert second.wait_seconds <= 15


@pytest.mark.parametrize("value", ["", "x", "soon 0 0 parked quota", "1 0 0", b"\xff"])
async def test_one_of_another_form_stops_nothing_and_ends_with_a_push_that_goes_through(store, value):
    store.client.hset(holds(CITY), mapping={api_field(API): value, "none": "of ours"})
    store.client.expire(holds(CITY), 60)
    assert read_holds(store.client.hgetall(holds(CITY)), 0) == []
    assert (await lease(store, CITY, API, FREE, 9)).state == "probe"
    assert await resume(store, CITY, api_field(API)) == 1
    assert (await lease(store, CITY, API, FREE, 9)).granted == 9


async def test_nobody_is_tried_when_nothing_is_wanted(store):
    await park(store, CITY, API, 60)
    await over(store, api_field(API))
    assert (await lease(store, CITY, API, FREE, 0)).granted == 0
    assert (await lease(store, CITY, API, FREE, 1)).state == "probe"


async def test_a_probe_that_goes_through_ends_the_hold(store):
    await park(store, CITY, API, 60)
    assert await resume(store, CITY, api_field(API)) == 1
    assert (await lease(store, CITY, API, FREE, 100)).granted == 100
    assert await resume(store, CITY, api_field(API)) == 0


async def test_a_hold_that_is_reported_by_many_sends_is_news_once(store):
    answers = []
    async with trio.open_nursery() as nursery:

        async def report() -> None:
            answers.append(await hold(store, CITY, ACCOUNT, "stopped", "errcode 48004", 60))

        for _ in range(20):
            nursery.start_soon(report)
    assert sum(news for _, news in answers) == 1


async def test_the_longer_of_two_holds_stands(store):
    await park(store, CITY, API, 3600, "the day's quota")
    await park(store, CITY, API, 60, "the minute's quota")
    parked = await lease(store, CITY, API, FREE, 1)
    assert parked.wait_seconds > 3500
    assert parked.reason == "the day's quota"


async def test_what_is_tried_in_vain_rests_twice_as_long_up_to_a_bound(store):
    field, rests = template_field(API, "T"), []
    for _ in range(5):
        seconds, _ = await hold(store, CITY, field, "stopped", "errcode 43116", 300, longest=1800)
        rests.append(seconds)
        await over(store, field)
    assert rests == [300, 600, 1200, 1800, 1800]


async def test_a_held_template_holds_back_only_itself(store):
    await hold(store, CITY, template_field(API, "T"), "stopped", "errcode 43116", 300)
    leased = await lease(store, CITY, API, FREE, 10)
    assert leased.granted == 10
    [held] = leased.held
    assert (held.template, held.probe) == ("T", False)
    assert 299 < held.seconds <= 300


async def test_of_a_held_template_one_push_is_tried_too(store):
    await hold(store, CITY, template_field(API, "T"), "stopped", "errcode 43116", 300)
    await over(store, template_field(API, "T"))
    [first] = (await lease(store, CITY, API, FREE, 10)).held
    [second] = (await lease(store, CITY, API, FREE, 10)).held
    assert (first.probe, second.probe) == (True, False)


async def test_a_held_template_is_tried_in_its_own_api_alone(store):
    await hold(store, CITY, template_field(API, "T"), "stopped", "errcode 43116", 300)
    await over(store, template_field(API, "T"))
    assert (await lease(store, CITY, "custom", FREE, 10)).held == (), "it has no push of that template"
    [held] = (await lease(store, CITY, API, FREE, 10)).held
    assert held.probe


async def test_what_the_platform_refuses_holds_no_webhook_back_and_is_not_tried_by_one(store):
    await stop_account(store, CITY, "errcode 40125: invalid appsecret", 60)
    await hold(store, CITY, template_field(API, "T"), "stopped", "errcode 43116", 300)
    await over(store, ACCOUNT)
    await over(store, template_field(API, "T"))
    leased = await lease(store, CITY, "webhook", FREE, 100)
    assert (leased.granted, leased.state, leased.held) == (100, "granted", ())
    probe = await lease(store, CITY, API, FREE, 100)
    assert (probe.granted, probe.state) == (1, "probe")
    assert [each.probe for each in probe.held] == [True]


async def test_a_webhook_that_is_held_rests_alone(store):
    await park(store, CITY, "webhook", 60)
    assert (await lease(store, CITY, "webhook", FREE, 1)).state == "parked"
    assert (await lease(store, CITY, API, FREE, 1)).granted == 1


@pytest.mark.parametrize(
    ("scope", "api", "held"), [("account", "", [API]), ("api", "webhook", ["webhook"]), ("template", API, [])]
)
def test_whoever_reads_holds_is_told_the_same(scope, api, held):
    rests = Hold(scope=scope, api=api, kind="stopped", reason="", seconds=60)
    assert [api for api in ("template", "webhook") if rests.holds_api(api)] == held


async def test_an_operator_ends_one_hold_or_all(store):
    await park(store, CITY, API, 60)
    await park(store, CITY, "custom", 60)
    await stop_account(store, CITY, "errcode 40164", 60)
    assert await resume(store, CITY, ACCOUNT) == 1
    assert await resume(store, CITY) == 2
    assert (await lease(store, CITY, "custom", FREE, 1)).granted == 1


async def test_an_operator_who_ends_all_ends_the_wait_for_a_token_too(store):
    async def turn() -> bool:
        state = await ask_token(store, CITY, caller="one", ahead_seconds=240, lease_seconds=2)
        return state.refresh

    assert await turn()
    await postpone_refresh(store, CITY, 300, caller="one")
    await park(store, CITY, API, 60)
    await resume(store, CITY, api_field(API))
    assert not await turn(), "an API that goes on is no reason to ask for a token"
    await resume(store, CITY)
    assert await turn()


async def test_holds_can_be_read(store):
    await hold(store, CITY, template_field(API, "T:1"), "stopped", "errcode 43116: This template_id is banned", 300)
    seconds, _ = store.client.time()
    [held] = read_holds(store.client.hgetall(holds(CITY)), float(seconds))
    assert held.seconds > 298
    assert held == Hold(
        scope="template",
        api=API,
        template="T:1",
        kind="stopped",
        reason="errcode 43116: This template_id is banned",
        seconds=held.seconds,
    )
