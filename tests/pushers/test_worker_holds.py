"""What a whole pusher holds back, whom it spares, and the limits it keeps."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import trio
from msgspec.structs import replace

from queues.account import ApiLimit, TemplateLimit
from queues.ids import shard_of_id
from queues.keys import holds, pace
from queues.limits.holds import stop_account
from queues.limits.rate import GROWING_SECONDS, LeaseRequest, lease
from queues.pushes.jobs import read_push
from queues.quiet import QuietHours
from tests.pushers.worker_bench import pusher, refuse
from tests.queues.makers import push
from tests.queues.passing_time import expire


async def test_an_unsubscribed_recipient_is_suppressed_with_all_later_pushes(bench):
    bench.platform.answer_send = refuse(43004, "require subscribe")
    async with pusher(bench):
        [first] = await bench.append(push("oGONE"))
        status = await bench.until(first, "suppressed")
        [second] = await bench.append(push("oGONE"))
        await bench.until(second, "suppressed")
    assert status.error == "errcode 43004: require subscribe"
    assert len(bench.platform.sends) == 1


async def test_a_refusal_of_one_template_says_nothing_about_the_others(bench):
    bench.platform.answer_send = refuse(43101, "user refuse to accept the msg", times=1)
    async with pusher(bench):
        [first] = await bench.append(push("oPICKY"))
        await bench.until(first, "suppressed")
        same, other = await bench.append(push("oPICKY"), push("oPICKY", template="OTHER"))
        await bench.until(other, "sent")
        status = await bench.until(same, "suppressed")
    assert status.error == "errcode 43101: user refuse to accept the msg"


async def test_in_quiet_hours_pushes_wait_for_their_end_and_high_ones_pass(bench):
    now = datetime.now(UTC)
    times = [(now + timedelta(hours=hours)).strftime("%H:%M") for hours in (-1, 2)]
    hours = QuietHours(start=times[0], end=times[1], time_zone="UTC")
    async with pusher(bench, replace(bench.account(), quiet_hours=hours)):
        held, urgent, void = await bench.append(
            push("oHELD"), push("oURGENT", priority="high"), push("oVOID", expire_at=now.timestamp() + 1800)
        )
        await bench.until(urgent, "sent")
        status = await bench.until(held, "scheduled")
        expired = await bench.until(void, "expired")
    assert (status.attempts, status.error, status.history) == (0, "quiet hours", ())
    assert 3500 < status.due_at - now.timestamp() < 7201
    assert expired.error == "expires before it may be sent: quiet hours"
    assert len(bench.platform.sends) == 1


async def test_a_banned_template_stops_alone(bench):
    banned = {"errcode": 43116, "errmsg": "This template_id is banned"}
    bench.platform.answer_send = lambda body, _: banned if body["template_id"] == "T" else bench.platform.accepted()
    async with pusher(bench):
        [first] = await bench.append(push("oFIRST"))
        refused = await bench.until(first, "dead")
        [second] = await bench.append(push("oSECOND"))
        aside = await bench.until(second, "parked")
        [other] = await bench.append(replace(push("oOTHER"), body=b'{"template_id":"U","data":{}}'))
        await bench.until(other, "sent")
    assert refused.error == "errcode 43116: This template_id is banned"
    assert (aside.error, aside.attempts) == ("its template rests", 0)
    assert len(bench.platform.sends) == 2


async def test_what_was_held_is_tried_with_one_push_and_goes_on_when_that_goes_through(bench):
    await stop_account(bench.store, "city", "errcode 40164: invalid ip", 0.001)
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(20)])
    bench.platform.gate = trio.Event()
    async with pusher(bench):
        while not bench.platform.sends:
            await trio.lowlevel.checkpoint()
        held = await lease(bench.store, LeaseRequest(account="city", api="template", limit=ApiLimit(), wanted=1))
        assert (held.state, len(bench.platform.sends)) == ("stopped", 1)
        bench.platform.gate.set()
        for push_id in ids:
            await bench.until(push_id, "sent")
    assert bench.store.client.exists(holds("city")) == 0


async def test_what_waits_for_an_account_that_is_stopped_ends_when_it_expires(bench):
    await stop_account(bench.store, "city", "errcode 40164: invalid ip", 3600)
    void, patient = await bench.append(push(expire_at=time.time() + 3600), push())
    expire(bench.store, shard_of_id(void))
    async with pusher(bench):
        expired = await bench.until(void, "expired")
        assert (await bench.until(patient, "queued")).attempts == 0
    assert expired.error == "expired before it could be sent"
    assert bench.platform.sends == []


async def test_too_much_in_a_minute_halves_the_pace_from_then_on(bench):
    limit = ApiLimit(per_second=1000)
    bench.platform.answer_send = refuse(45011, "api minute-quota reach limit")
    [push_id] = await bench.append(push())
    async with pusher(bench, bench.account(limit=limit)):
        await bench.until(push_id, "parked")
    slowed = bench.store.client.pttl(pace("city", "template"))
    assert slowed == pytest.approx(1000 * GROWING_SECONDS / 2, rel=0.05)


async def test_a_spent_quota_parks_the_push_and_the_api(bench):
    bench.platform.answer_send = refuse(45009, "reach max api daily quota limit")
    async with pusher(bench):
        [first] = await bench.append(push("oFIRST"))
        status = await bench.until(first, "parked")
        [second] = await bench.append(push("oSECOND"))
        granted = await lease(bench.store, LeaseRequest(account="city", api="template", limit=ApiLimit(), wanted=1))
        assert granted.state == "parked"
        later = await read_push(bench.store, second)
    assert status.attempts == 0
    assert later is not None
    assert later.state == "queued"
    assert len(bench.platform.sends) == 1


async def test_a_wrong_secret_stops_the_account_and_is_not_asked_about_again(bench):
    account = bench.account(secret="wrong")
    [push_id] = await bench.append(push())
    async with pusher(bench, account):
        while (
            granted := await lease(
                bench.store, LeaseRequest(account="city", api="template", limit=ApiLimit(), wanted=0)
            )
        ).state != "stopped":
            pass
    assert granted.reason == "errcode 40001: invalid credential"
    assert len(bench.platform.token_requests) == 1
    assert (await bench.until(push_id, "queued")).attempts == 0
    assert bench.platform.sends == []


async def test_an_account_the_platform_punishes_is_stopped(bench):
    bench.platform.answer_send = refuse(48004, "api forbidden for irregularities")
    async with pusher(bench):
        [push_id] = await bench.append(push())
        await bench.until(push_id, "parked")
        granted = await lease(bench.store, LeaseRequest(account="city", api="template", limit=ApiLimit(), wanted=1))
    assert (granted.state, granted.reason) == ("stopped", "errcode 48004: api forbidden for irregularities")


async def test_the_rate_is_kept_and_used(bench):
    account = bench.account(limit=ApiLimit(per_second=200))
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(60)])
    async with pusher(bench, account):
        for push_id in ids:
            await bench.until(push_id, "sent")
    assert len(bench.platform.sends) == 60


async def test_the_days_ledger_counts_what_was_sent_and_no_more(bench):
    limit = ApiLimit(per_day=10, reserve=0)
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(12)])
    async with pusher(bench, bench.account(limit=limit)):
        while len(bench.platform.sends) < 10:
            await trio.lowlevel.checkpoint()
        look = LeaseRequest(account="city", api="template", limit=limit, wanted=0)
        while (await lease(bench.store, look)).state != "quota":
            pass
    states = [(await bench.until(push_id, "sent", "queued")).state for push_id in ids]
    assert states.count("sent") == 10


async def test_a_templates_own_limit_holds_back_that_template_alone(bench):
    limit = ApiLimit(templates={"T": TemplateLimit(per_day=2)})
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(8)], *[push("oUSER0", template="U")] * 8)
    async with pusher(bench, bench.account(limit=limit)):
        for push_id in ids[8:]:
            await bench.until(push_id, "sent")
        states = [(await bench.until(push_id, "sent", "parked")).state for push_id in ids[:8]]
    assert states.count("sent") == 2
    assert [send["template_id"] for send in bench.platform.sends].count("T") == 2
