"""Events of the dispatch group, against the real store."""

import trio
import trio.testing
from prometheus_client import REGISTRY

from pushers.dispatcher import Dispatcher, consumer_name
from queues.event_appender import EventAppender
from queues.jobs import read_push
from queues.push_appender import PushAppender
from queues.settler import settle
from queues.taker import take
from tests.queues.makers import NOW, event, outcome, push


async def sent_push(store, nursery, recipient: str) -> str:
    appender = PushAppender(store)
    await nursery.start(appender.run)
    [accepted] = await appender.append([push(recipient)])
    taken = await take(store, "city", store.shard_of("city", recipient), 1, 10)
    await settle(store, [outcome(taken.claims[0], "sent", msgid="77")], 60)
    return accepted.id


async def test_a_receipt_finishes_its_push_and_is_counted(store, nursery):
    push_id = await sent_push(store, nursery, "oUSER1")
    events = EventAppender(store)
    await nursery.start(events.run)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="success"))
    labels = {"account": "city", "channel": "template", "state": "delivered"}
    before = REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) or 0
    shard = store.shard_of("city", "oUSER1")
    nursery.start_soon(Dispatcher(store, shard, consumer_name(), retain_seconds=60, clock=lambda: NOW + 5).run)
    with trio.fail_after(10):
        while (status := await read_push(store, push_id)) is None or status.state != "delivered":
            pass
        while REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) != before + 1:
            await trio.lowlevel.checkpoint()
    nursery.cancel_scope.cancel()


async def test_an_event_that_comes_later_is_seen_when_woken(store, nursery):
    push_id = await sent_push(store, nursery, "oUSER1")
    shard = store.shard_of("city", "oUSER1")
    dispatcher = Dispatcher(store, shard, consumer_name(), retain_seconds=60)
    nursery.start_soon(dispatcher.run)
    events = EventAppender(store)
    await nursery.start(events.run)
    await trio.testing.wait_all_tasks_blocked(0.02)
    await events.append(event(recipient="oUSER1", name="templatesendjobfinish", msgid="77", status="failed:user block"))
    dispatcher.wake()
    with trio.fail_after(3):  # less than a poll
        while (status := await read_push(store, push_id)) is None or status.state != "failed":
            pass
    assert status.error == "failed:user block"
    nursery.cancel_scope.cancel()


def test_consumers_never_share_a_name():
    assert consumer_name() != consumer_name()
