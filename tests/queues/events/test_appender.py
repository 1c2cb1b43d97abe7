import time

import pytest
import redis
import trio

from queues.codec import unpack_event
from queues.keys import SEEN_WINDOW_SECONDS, WINDOWS
from tests.queues.makers import event
from tests.queues.passing_time import move_window
from tests.queues.waiting_appender import WaitingAppender


def entries(store):
    return [unpack_event(fields[b"e"]) for keys in store.keys for _, fields in store.client.xrange(keys.events)]


async def test_an_event_is_appended_once_however_often_it_is_delivered(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    assert await appender.append(event(1)) is True
    assert await appender.append(event(1)) is False
    assert entries(store) == [event(1)]


async def test_repeats_within_one_batch_are_seen_too(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    fresh = []

    async def deliver(number: int) -> None:
        fresh.append(await appender.append(event(number % 50)))

    async with trio.open_nursery() as deliveries:
        for number in range(200):
            deliveries.start_soon(deliver, number)
    assert sum(fresh) == 50
    assert len(entries(store)) == 50


async def test_a_recipients_events_keep_their_order_in_one_shard(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    for number in range(5):
        await appender.append(event(number, recipient="oSAME"))
    found = entries(store)
    assert [one.identity for one in found] == [event(n, recipient="oSAME").identity for n in range(5)]


async def test_it_mends_itself_when_the_store_forgot_the_scripts(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1))
    store.client.script_flush()
    assert await appender.append(event(2)) is True


async def test_an_identity_is_remembered_for_two_windows_and_forgotten_after_three(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    fresh = []
    for _ in range(WINDOWS + 1):
        fresh.append(await appender.append(event(1, recipient="oSAME")))
        move_window(store, -SEEN_WINDOW_SECONDS)
    assert fresh == [True, False, False, True]


@pytest.mark.parametrize("ahead", [3_600, 86_400])
async def test_a_repeat_is_known_though_the_stores_clock_was_set_ahead_and_back(store, nursery, ahead):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1))
    move_window(store, -ahead)
    assert await appender.append(event(1)) is False
    move_window(store, ahead)
    assert await appender.append(event(1)) is False


async def test_a_clock_that_went_back_keeps_no_window_open_until_it_has_caught_up(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1))
    move_window(store, 86_400)
    await appender.append(event(1))
    [since] = [since for keys in store.keys if (since := store.client.get(keys.seen_since))]
    assert abs(time.time() - int(since)) < 3_600


async def test_a_pusher_is_woken(store, store_settings, nursery):
    listener = redis.Redis.from_url(store_settings.url)
    pubsub = listener.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe("tg:wake")
    pubsub.get_message(timeout=30)
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1))
    assert pubsub.get_message(timeout=30)["data"].startswith(b"event ")
    pubsub.close()
    listener.close()
