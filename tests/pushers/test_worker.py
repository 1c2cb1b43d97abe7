"""A whole pusher process against a tiny platform and a real store."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import structlog.testing
import trio
import trio.testing
from msgspec.structs import replace

from pushers.settings import PusherSettings
from pushers.worker import run_pusher
from queues.account import Account, ApiLimit, TemplateLimit
from queues.errors import StoreUnavailableError
from queues.holds import stop_account
from queues.jobs import read_push
from queues.keys import holds
from queues.push import NewPush, PushStatus
from queues.push_appender import PushAppender
from queues.quiet import QuietHours
from queues.rate import LeaseRequest, lease
from queues.secret import Secret
from queues.store import Store
from queues.taker import take
from tests.pushers.fake_platform import FakePlatform
from tests.queues.makers import FEED, push


class Hasty(random.Random):
    """Always the shortest wait."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


class Bench:
    """What a test pushes with."""

    def __init__(self, store: Store, platform: FakePlatform, appender: PushAppender) -> None:
        self.store = store
        self.platform = platform
        self.appender = appender
        self.drain = trio.Event()

    def account(self, *, secret: str = "right", limit: ApiLimit | None = None) -> Account:
        return Account(
            name="city",
            app_id="wx0000000000000001",
            app_secret=Secret(secret),
            api_base=self.platform.base,
            limits={"template": limit} if limit else {},
        )

    async def append(self, *pushes: NewPush) -> list[str]:
        return [accepted.id for accepted in await self.appender.append(pushes)]

    async def until(self, push_id: str, *states: str) -> PushStatus:
        """The push, once it is in one of the states; the store's answer is what is waited for."""
        while True:
            status = await read_push(self.store, push_id)
            assert status is not None
            if status.state in states:
                return status


@pytest.fixture
async def bench(store: Store) -> AsyncIterator[Bench]:
    async with trio.open_nursery() as nursery:
        platform, appender = FakePlatform(), PushAppender(store)
        await nursery.start(platform.serve)
        await nursery.start(appender.run)
        yield Bench(store, platform, appender)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def pusher(
    bench: Bench, account: Account | None = None, *, rng: random.Random | None = None, **settings: float
) -> AsyncIterator[None]:
    """A running pusher, drained at the end; a test that waits in vain fails."""
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:

            async def start(task_status: trio.TaskStatus[None]) -> None:
                await run_pusher(
                    PusherSettings(**settings),  # type: ignore[arg-type]
                    [account or bench.account()],
                    bench.store,
                    bench.drain,
                    rng=rng or Hasty(),
                    task_status=task_status,
                )

            await nursery.start(start)
            yield
            bench.drain.set()


def refuse(errcode: int, errmsg: str = "", *, times: int = 1_000) -> Callable[[dict[str, object], int], object]:
    """Answer the first attempts for each recipient like this, and accept the rest."""

    def answer(body: dict[str, object], attempt: int) -> object:
        if attempt <= times:
            return {"errcode": errcode, "errmsg": f"{errmsg} rid: 6630f0b8-1b2f7bd4-0f0f0f0f"}
        return {"errcode": 0, "errmsg": "ok", "msgid": 3_557_254_367_693_750_277}

    return answer


async def test_a_push_is_sent_as_the_platform_wants_it(bench):
    async with pusher(bench):
        [push_id] = await bench.append(push("oUSER1"))
        status = await bench.until(push_id, "sent")
    assert status.msgid == "3557254367693750001"
    assert status.attempts == 1
    assert bench.platform.sends == [{"touser": "oUSER1", "client_msg_id": push_id, "template_id": "T", "data": {}}]


async def test_many_pushes_go_out_once_each_over_a_few_connections(bench):
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(500)])
    async with pusher(bench, in_flight=20):
        for push_id in ids:
            await bench.until(push_id, "sent")
    assert sorted(str(send["client_msg_id"]) for send in bench.platform.sends) == sorted(ids)
    assert bench.platform.connections <= 21  # the lanes, and one for the token
    assert len(bench.platform.token_requests) == 1


async def test_a_busy_platform_is_asked_again(bench):
    bench.platform.answer_send = refuse(-1, "system error", times=2)
    async with pusher(bench):
        [push_id] = await bench.append(push())
        status = await bench.until(push_id, "sent")
    assert status.attempts == 3
    assert status.msgid == "3557254367693750277"


async def test_a_platform_that_stays_busy_ends_dead_with_its_last_words(bench):
    bench.platform.answer_send = refuse(-1, "system error")
    async with pusher(bench, max_attempts=3):
        [push_id] = await bench.append(push())
        status = await bench.until(push_id, "dead")
    assert (status.attempts, status.error) == (3, "errcode -1: system error")


async def test_a_connection_cut_in_the_middle_is_an_unknown_outcome_and_repeated_under_the_same_id(bench):
    bench.platform.answer_send = lambda _, attempt: None if attempt == 1 else bench.platform.accepted()
    async with pusher(bench):
        [push_id] = await bench.append(push())
        status = await bench.until(push_id, "sent")
    assert status.attempts == 2
    assert [send["client_msg_id"] for send in bench.platform.sends] == [push_id, push_id]


async def test_a_refused_token_is_refreshed_once_and_the_pushes_go_out_with_the_new_one(bench):
    async with pusher(bench):
        [first] = await bench.append(push("oFIRST"))
        await bench.until(first, "sent")
        bench.platform.token_number += 1
        ids = await bench.append(*[push(f"oUSER{n}") for n in range(50)])
        for push_id in ids:
            await bench.until(push_id, "sent")
    assert len(bench.platform.token_requests) == 2
    assert not any(request["force_refresh"] for request in bench.platform.token_requests)


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


async def test_a_wrong_request_is_dead_with_the_platforms_words(bench):
    bench.platform.answer_send = refuse(47003, "argument invalid! data.thing1.value invalid")
    async with pusher(bench):
        [push_id] = await bench.append(push())
        status = await bench.until(push_id, "dead")
    assert status.error == "errcode 47003: argument invalid! data.thing1.value invalid"


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
        aside = await bench.until(second, "parked", "scheduled")
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


async def test_drain_waits_for_the_answer_and_settles_it(bench):
    bench.platform.gate = trio.Event()
    ids = await bench.append(*[push(f"oUSER{n}") for n in range(5)])
    async with trio.open_nursery() as nursery:

        async def run(task_status: trio.TaskStatus[None]) -> None:
            async with pusher(bench):
                while len(bench.platform.sends) < 5:
                    await trio.lowlevel.checkpoint()
                task_status.started()

        await nursery.start(run)
        await bench.drain.wait()
        bench.platform.gate.set()
    for push_id in ids:
        status = await read_push(bench.store, push_id)
        assert status is not None
        assert status.state == "sent"


async def test_as_many_claims_as_lanes_wait_in_front_of_them_and_are_replaced_as_they_go(bench):
    first, second = trio.Event(), trio.Event()
    bench.platform.gate = first
    await bench.append(*[push(f"oUSER{n}") for n in range(40)])

    async def until(sends: int, claims: int) -> None:
        while len(bench.platform.sends) < sends or claims != sum(
            bench.store.client.zcard(keys.claims) for keys in bench.store.keys
        ):
            await trio.lowlevel.checkpoint()

    async with pusher(bench, in_flight=10):
        await until(sends=10, claims=20)
        bench.platform.gate = second
        first.set()
        await until(sends=20, claims=20)
        second.set()
        await until(sends=40, claims=0)


async def test_what_another_process_had_claimed_and_left_is_sent_when_its_time_is_over(bench):
    [push_id] = await bench.append(push("oUSER1"))
    taken = await take(bench.store, FEED, {bench.store.shard_of("city", "oUSER1"): 1}, 0.05)
    assert len(taken.claims) == 1
    async with pusher(bench):
        await bench.until(push_id, "sent")


async def test_claims_that_could_outlive_their_time_are_never_sent(bench):
    [push_id] = await bench.append(push())
    async with pusher(bench, claim_seconds=4.0, send_seconds=5.0):
        while (await bench.until(push_id, "queued", "sending")).state != "sending":
            pass
        await bench.until(push_id, "queued")
    assert bench.platform.sends == []


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


async def test_a_store_that_goes_away_for_a_while_ends_nothing(bench, monkeypatch):
    broken = True
    outcome = Store._outcome

    async def sometimes(self: Store, operation: str, attempt: Callable[..., Awaitable[object]]) -> object:
        if broken and operation in {"supply", "lease", "settle", "sweep", "read_events"}:
            raise StoreUnavailableError(operation)
        return await outcome(self, operation, attempt)

    monkeypatch.setattr(Store, "_outcome", sometimes)
    [push_id] = await bench.append(push())
    async with pusher(bench):
        await trio.testing.wait_all_tasks_blocked(0.05)
        broken = False
        await bench.until(push_id, "sent")


async def test_neither_secret_nor_token_nor_recipient_is_logged(bench):
    bench.platform.answer_send = refuse(45009, "openid oABCDEFGHIJKLMNOPQRSTUVWXYZ0 over quota")
    with structlog.testing.capture_logs() as logs:
        async with pusher(bench):
            [push_id] = await bench.append(push("oABCDEFGHIJKLMNOPQRSTUVWXYZ0"))
            await bench.until(push_id, "parked")
    shown = str(logs)
    assert "account held back" in shown
    assert not any(secret in shown for secret in ("oABCDEFGHIJ", "'right'", bench.platform.token))
