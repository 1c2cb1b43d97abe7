"""Events of the dispatch group, against the real store."""

import pytest
import trio
import trio.testing
from msgspec.structs import replace
from prometheus_client import REGISTRY

from pushers import dispatcher
from pushers.dispatcher import Dispatcher
from queues.errors import StoreUnavailableError
from queues.pushes.jobs import read_push
from queues.pushes.settler import settle
from tests.pushers.fake_traces import FakeTraces
from tests.queues.makers import FEED, NOW, event, outcome, push
from tests.queues.steps import append_pushes, take
from tests.queues.waiting_appender import WaitingAppender


async def sent_push(store, nursery, recipient: str, trace: str = "") -> str:
    [push_id] = await append_pushes(store, nursery, replace(push(recipient), trace=trace))
    taken = await take(store, FEED, {store.shard_of("city", recipient): 1}, 10)
    await settle(store, [outcome(taken.claims[0], "sent", msgid="77")], 60)
    return push_id


async def test_a_receipt_finishes_its_push_and_is_counted(store, nursery):
    push_id = await sent_push(store, nursery, "oUSER1")
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="success"))
    labels = {"account": "city", "channel": "template", "state": "delivered"}
    before = REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) or 0
    shard = store.shard_of("city", "oUSER1")
    nursery.start_soon(Dispatcher(store, shard, "me", retain_seconds=60, clock=lambda: NOW + 5).run)
    with trio.fail_after(60):
        while (status := await read_push(store, push_id)) is None or status.state != "delivered":
            pass
        while REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) != before + 1:
            await trio.lowlevel.checkpoint()
    nursery.cancel_scope.cancel()


async def test_the_receipt_of_a_traced_push_is_the_last_span_of_its_trace(store, nursery):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await sent_push(store, nursery, "oUSER1", trace=trace)
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="failed:user block"))
    traces = FakeTraces()
    shard = store.shard_of("city", "oUSER1")
    dispatching = Dispatcher(store, shard, "me", retain_seconds=60, traces=traces, clock=lambda: NOW + 5)
    nursery.start_soon(dispatching.run)
    with trio.fail_after(60):
        while not traces.recorded:
            await trio.lowlevel.checkpoint()
    [span] = traces.recorded
    assert (span["name"], span["carrier"], span["began"], span["failed"]) == ("receipt", trace, NOW + 5, True)
    assert span["tidegate.state"] == "failed"
    nursery.cancel_scope.cancel()


async def test_an_event_that_comes_later_is_seen_when_woken(store, nursery, monkeypatch):
    push_id = await sent_push(store, nursery, "oUSER1")
    shard = store.shard_of("city", "oUSER1")
    monkeypatch.setattr(dispatcher, "POLL_SECONDS", 3600)
    woken = Dispatcher(store, shard, "me", retain_seconds=60)
    nursery.start_soon(woken.run)
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await trio.testing.wait_all_tasks_blocked(0.02)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="failed:user block"))
    woken.wake()
    with trio.fail_after(60):
        while (status := await read_push(store, push_id)) is None or status.state != "failed":
            pass
    assert status.error == "failed:user block"
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("lost", ["settle_events", "read_events"])
async def test_what_was_read_before_the_store_went_away_is_settled_as_soon_as_it_is_back(
    store, nursery, monkeypatch, lost
):
    push_id = await sent_push(store, nursery, "oUSER1")
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="success"))
    done = getattr(dispatcher, lost)
    failures = iter([True])

    async def fails_once(*args, **kwargs):
        """Done, but the answer is lost; for a settle: not even done."""
        if next(failures, False):
            if lost == "read_events":
                await done(*args, **kwargs)
            raise StoreUnavailableError
        return await done(*args, **kwargs)

    monkeypatch.setattr(dispatcher, lost, fails_once)
    monkeypatch.setattr(dispatcher, "STORE_RETRY_SECONDS", 0)
    for looks in ("POLL_SECONDS", "RECLAIM_SECONDS"):
        monkeypatch.setattr(dispatcher, looks, 3600)
    nursery.start_soon(Dispatcher(store, store.shard_of("city", "oUSER1"), "me", retain_seconds=60).run)
    with trio.fail_after(60):
        while (status := await read_push(store, push_id)) is None or status.state != "delivered":
            pass
    nursery.cancel_scope.cancel()
