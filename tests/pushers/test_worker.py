"""A whole pusher process against a tiny platform and a real store."""

from collections.abc import Awaitable, Callable

import structlog
import structlog.testing
import trio
import trio.testing

from pushers.worker import process_name
from queues.errors import StoreUnavailableError
from queues.pushes.jobs import read_push
from queues.store import Store
from tests.pushers.worker_bench import pusher, refuse
from tests.queues.makers import FEED, push
from tests.queues.steps import take


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


STRANGE_BODIES = [
    rb'{"errcode":47003,"errmsg":"cut within a character \ud83d"}',
    b'{"errcode":99999999999999999999}',
    b'{"errcode":0,"msgid":%b}' % (b"9" * 4_000),
    b'{"errcode":' + b"[" * 50_000,
    b'{"errcode":NaN}',
    b"\x1f\x8b\x08\x00",
]
STRANGE_ANSWERS = [
    b"\x00" * 100,
    b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000,
    *[b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in STRANGE_BODIES],
]


async def test_whatever_the_platform_answers_the_others_are_sent(bench):
    async with pusher(bench, max_attempts=1):
        for answer in STRANGE_ANSWERS:
            bench.platform.answer_send = lambda _, __, answer=answer: answer
            [push_id] = await bench.append(push())
            status = await bench.until(push_id, "dead", "sent")
            assert len(status.error) <= 200
        bench.platform.answer_send = refuse(0, times=0)
        [push_id] = await bench.append(push("oLAST"))
        await bench.until(push_id, "sent")


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


async def test_a_wrong_request_is_dead_with_the_platforms_words(bench):
    bench.platform.answer_send = refuse(47003, "argument invalid! data.thing1.value invalid")
    async with pusher(bench):
        [push_id] = await bench.append(push())
        status = await bench.until(push_id, "dead")
    assert status.error == "errcode 47003: argument invalid! data.thing1.value invalid"


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


def test_no_two_processes_share_a_name():
    assert process_name() != process_name()
