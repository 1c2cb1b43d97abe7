"""Fact sheet §1.4: deadline, repeats, MarkFail."""

import random
from collections import deque

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from loadtests.http_client import parse_target
from loadtests.platform import callbacks
from loadtests.platform.delay_line import TICKS_A_SECOND
from loadtests.platform.delivery import Deliverer, DeliveryRules
from loadtests.platform.envelope import Envelope
from loadtests.platform.http_server import Reply
from loadtests.platform.ledger import Ledger
from loadtests.platform.mark_fail import MarkFail
from loadtests.platform.options import CallbackKeys

OK = Reply(body=b"success")


def callback(number=1):
    return callbacks.text("gh_1", "oSomebody", 1_714_112_445, number, "hello")


def deliverer(address, ledger, *, mark_fail=None, **rules):
    envelope = Envelope(CallbackKeys(token="t", app_id="wx1", original_id="gh_1"), random.Random(1))
    return Deliverer(
        envelope,
        DeliveryRules(**({"connections": 1} | rules)),
        mark_fail or MarkFail(0),
        ledger,
        target=parse_target(f"{address}/callback/a") if address else None,
        random_source=random.Random(1),
        wall=lambda: 1_714_112_446.0,
    )


async def settle(delivering):
    while delivering.pending:
        await wait_all_tasks_blocked(0.001)


@pytest.fixture
def outcome(serving):
    """Delivers callbacks against scripted answers; gives the ledger's rows and the requests that were made."""

    async def outcome(replies, count=1, **arrangement):
        script, requests, ledger = deque(replies), [], Ledger(1000)

        def handler(request):
            requests.append(request)
            return script.popleft()

        async with serving(handler) as address, trio.open_nursery() as nursery:
            delivering = deliverer(address, ledger, **arrangement)
            nursery.start_soon(delivering.run)
            for number in range(count):
                delivering.offer(callback(number))
            await settle(delivering)
            nursery.cancel_scope.cancel()
        return ledger.callbacks.page(0), requests

    return outcome


async def test_1_4_success_ends_it(outcome):
    [row], requests = await outcome([OK])
    assert (row.final, row.answers) == ("acked", ("200",))
    assert requests[0].path == b"/callback/a"
    assert requests[0].body == callback(0).xml


async def test_1_4_three_deliveries_and_never_again(outcome):
    [row], requests = await outcome([Reply(status=500), Reply(status=503), Reply(body=b'"success"')])
    assert (row.final, row.answers) == ("dropped", ("500", "503", "invalid"))
    assert {request.body for request in requests} == {callback(0).xml}
    assert len({request.query for request in requests}) == 3


async def test_1_4_a_later_delivery_may_succeed(outcome):
    [row], _ = await outcome([Reply(status=500), OK])
    assert (row.final, row.answers) == ("acked", ("500", "200"))


async def test_1_4_a_broken_connection_is_a_failed_delivery(outcome):
    [row], _ = await outcome([Reply(how="close"), OK])
    assert (row.final, row.answers) == ("acked", ("lost", "200"))


async def tick(mock_clock):
    """Let sockets and tasks go on, and the time by what the serving side waits between two looks at its sockets."""
    await wait_all_tasks_blocked(0.001)
    mock_clock.jump(1 / TICKS_A_SECOND)


async def test_1_4_each_delivery_waits_five_seconds(serving, mock_clock):
    asked, ledger = [], Ledger(100)

    def silent(request):
        asked.append(request)
        return Reply(how="silence")

    async with serving(silent) as address, trio.open_nursery() as nursery:
        delivering = deliverer(address, ledger)
        nursery.start_soon(delivering.run)
        delivering.offer(callback())
        for delivery in range(1, 4):
            while len(asked) < delivery:
                await tick(mock_clock)
            mock_clock.jump(4.5)
            await tick(mock_clock)
            assert len(asked) == delivery
            mock_clock.jump(0.5)
        while delivering.pending:
            await tick(mock_clock)
        nursery.cancel_scope.cancel()
    [row] = ledger.callbacks.page(0)
    assert (row.final, row.answers) == ("dropped", ("timeout",) * 3)


async def test_1_4_mark_fail_loses_the_events_of_its_minute(outcome):
    rows, requests = await outcome([Reply(status=500)] * 4, count=4, mark_fail=MarkFail(failures=4))
    assert [row.final for row in rows] == ["dropped", "muted", "muted", "muted"]
    assert [len(row.answers) for row in rows] == [3, 1, 0, 0]
    assert len(requests) == 4


async def test_8_duplicates_as_a_fault(outcome):
    [row], requests = await outcome([OK, OK], duplicate_share=1)
    assert (row.final, row.answers) == ("acked", ("200", "200"))
    assert requests[0].body == requests[1].body


async def test_9_1_whether_a_repeat_has_a_query_of_its_own_is_a_parameter(outcome):
    _, requests = await outcome([Reply(status=500)] * 3, fresh_query=False)
    assert len({request.query for request in requests}) == 1


async def test_9_1_whether_the_events_of_the_muted_minute_are_lost_is_a_parameter(serving, mock_clock):
    asked, ledger = [], Ledger(100)

    def failing_first(request):
        asked.append(request)
        return Reply(status=500) if len(asked) <= 3 else OK

    async with serving(failing_first) as address, trio.open_nursery() as nursery:
        delivering = deliverer(address, ledger, mark_fail=MarkFail(failures=3, seconds=60), keep_muted=True)
        nursery.start_soon(delivering.run)
        delivering.offer(callback(1))
        delivering.offer(callback(2))
        while delivering.pending > 1:
            await tick(mock_clock)
        await tick(mock_clock)
        assert len(asked) == 3
        mock_clock.jump(60)
        while delivering.pending:
            await tick(mock_clock)
        nursery.cancel_scope.cancel()
    assert [row.final for row in ledger.callbacks.page(0)] == ["dropped", "acked"]


async def test_9_17_a_success_with_another_status_may_count(outcome):
    [row], _ = await outcome([Reply(status=500, body=b"success")], any_status=True)
    assert (row.final, row.answers) == ("acked", ("500",))


async def test_without_an_address_a_callback_goes_nowhere_and_the_ledger_says_so():
    ledger = Ledger(100)
    async with trio.open_nursery() as nursery:
        delivering = deliverer("", ledger)
        nursery.start_soon(delivering.run)
        delivering.offer(callback())
        await settle(delivering)
        nursery.cancel_scope.cancel()
    assert [row.final for row in ledger.callbacks.page(0)] == ["no_url"]
