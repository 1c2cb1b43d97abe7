"""The store that these tests fake behaves as the real one: both pass the same suite."""

from functools import partial
from types import SimpleNamespace

import msgspec
import pytest

from gateway.callbacks.reader import CallbackReader
from queues.events.appender import EventAppender
from queues.push import NewPush
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import cancel_push, read_push
from tests.gateway.fakes import FakeStore
from tests.gateway.samples import NOW, OPENID, PLAIN, message, query
from tests.queues.waiting_appender import handed_in

PUSH = NewPush(account="a", upstream="u", channel="template", recipient=OPENID, body=b"{}", accepted_at=NOW)
UNKNOWN = "2-01J00000000000000000000000"


@pytest.fixture(params=["fake", "real"])
async def handle(request, store, nursery):
    """What the handlers are given, of the fake or of the real store."""
    if request.param == "fake":
        fake = FakeStore()
        return SimpleNamespace(
            event=partial(handed_in, fake.hand_in_event),
            pushes=fake.append_pushes,
            look=fake.look,
            cancel=fake.cancel,
            ping=fake.ping,
        )
    events, pushes = EventAppender(store), PushAppender(store)
    await nursery.start(events.run)
    await nursery.start(pushes.run)
    return SimpleNamespace(
        event=partial(handed_in, events.hand_in),
        pushes=pushes.append,
        look=partial(read_push, store),
        cancel=partial(cancel_push, store),
        ping=store.ping,
    )


async def test_an_event_is_new_once(handle):
    event = CallbackReader(PLAIN, 0).read(query(), message(), NOW)
    assert await handle.event(event) is True
    assert await handle.event(event) is False


async def test_pushes_are_accepted_in_order_and_once_a_key(handle):
    later = msgspec.structs.replace(PUSH, send_at=4e9, idempotency_key="k")
    first = await handle.pushes([PUSH, later, later, PUSH])
    assert [push.status for push in first] == ["queued", "scheduled", "duplicate", "queued"]
    assert first[1].id == first[2].id
    assert len({push.id for push in first}) == 3
    elsewhere = msgspec.structs.replace(later, upstream="v")
    assert [push.status for push in await handle.pushes([later, elsewhere])] == ["duplicate", "scheduled"]


async def test_a_push_is_found_by_its_id(handle):
    [accepted] = await handle.pushes([msgspec.structs.replace(PUSH, tags={"a": "b"})])
    status = await handle.look(accepted.id)
    assert (status.push.id, status.push.upstream, status.push.tags) == (accepted.id, "u", {"a": "b"})
    assert (status.state, status.attempts, status.msgid, status.sent_at) == ("queued", 0, "", 0)


async def test_a_waiting_push_can_be_cancelled_again_and_again(handle):
    [accepted] = await handle.pushes([PUSH])
    assert await handle.cancel(accepted.id) == "cancelled"
    assert await handle.cancel(accepted.id) == "cancelled"
    assert (await handle.look(accepted.id)).state == "cancelled"


@pytest.mark.parametrize("push_id", [UNKNOWN, "nonsense", ""])
async def test_an_unknown_id_is_none(handle, push_id):
    assert await handle.look(push_id) is None
    assert await handle.cancel(push_id) is None


async def test_ping(handle):
    await handle.ping()
