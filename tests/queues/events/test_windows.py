"""The windows in which recipients may be answered: what opens them, for how long, and for how many messages."""

import time

import pytest

from queues.codec import recipient_digest
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.events.windows import Opening, close_window, enter_window, opening_of, return_to_window
from tests.queues.makers import ACCOUNT, event
from tests.queues.waiting_appender import WaitingAppender

WHO = (ACCOUNT, "oSAME")


@pytest.fixture
async def act(store, nursery):
    """Something that the recipient does, `ago` seconds before now, seen and settled."""
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    shard = store.shard_of(*WHO)
    acts = 0

    async def act(name="", *, ago=0.0, windowed=(ACCOUNT,)):
        nonlocal acts
        acts += 1
        made = event(acts, recipient="oSAME", name=name, created=int(time.time() - ago))
        await appender.append(made)
        await settle_events(store, shard, await read_events(store, shard, "me", 10), windowed=windowed)

    return act


@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("", Opening(48 * 3600, 5)),
        ("click", Opening(60, 3)),
        ("scancode_waitmsg", Opening(60, 3)),
        ("subscribe", Opening(60, 3)),
        ("scan", Opening(60, 3)),
        ("view", None),
        ("unsubscribe", None),
        ("templatesendjobfinish", None),
    ],
)
def test_what_opens_a_window_is_the_platforms_list(name, opening):
    assert opening_of(event(name=name)) == opening


async def test_nobody_may_be_answered_who_never_did_anything(store):
    assert await enter_window(store, *WHO) == "closed"


async def test_a_message_may_be_answered_five_times(store, act):
    await act()
    assert [await enter_window(store, *WHO) for _ in range(6)] == ["open"] * 5 + ["used"]


async def test_a_menu_click_may_be_answered_three_times(store, act):
    await act("click")
    assert [await enter_window(store, *WHO) for _ in range(4)] == ["open"] * 3 + ["used"]


async def test_the_window_counts_from_when_it_was_done_not_from_when_we_heard_of_it(store, act):
    await act("click", ago=61)
    assert await enter_window(store, *WHO) == "closed"
    await act(ago=47 * 3600)
    assert await enter_window(store, *WHO) == "open"


async def test_a_time_that_is_not_the_platforms_keeps_no_window_for_good(store, act):
    await act(ago=-1_000_000_000)
    key = store.keys[store.shard_of(*WHO)].window(WHO[0], recipient_digest(*WHO))
    assert 0 < store.client.ttl(key) <= 3 * 86_400


async def test_a_new_act_gives_new_messages_and_never_narrows_the_window(store, act):
    await act()
    for _ in range(5):
        await enter_window(store, *WHO)
    await act("click")
    assert [await enter_window(store, *WHO) for _ in range(4)] == ["open"] * 3 + ["used"]


async def test_a_message_that_was_not_sent_is_given_back(store, act):
    await act("click")
    for _ in range(3):
        await enter_window(store, *WHO)
    await return_to_window(store, *WHO)
    assert [await enter_window(store, *WHO) for _ in range(2)] == ["open", "used"]


async def test_the_platforms_word_closes_it(store, act):
    await act()
    await close_window(store, *WHO)
    await return_to_window(store, *WHO)
    assert await enter_window(store, *WHO) == "closed"


async def test_windows_are_kept_for_the_accounts_that_want_it(store, act):
    await act(windowed=())
    assert await enter_window(store, *WHO) == "closed"
