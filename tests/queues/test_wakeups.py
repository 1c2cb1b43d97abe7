import pytest
import trio

from queues import wakeups
from queues.event_appender import EventAppender
from queues.wakeups import Wake, listen
from tests.queues.makers import event


class SilentServer:
    """A subscription on a connection whose other end has vanished; `answers` pings or not."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.pings = 0
        self.waits = 0
        self.closed = trio.Event()
        self._due = False

    def subscribe(self, _channel):
        pass

    def get_message(self, timeout):
        self.waits += timeout > 0
        answer, self._due = self._due, False
        return {"type": "pong", "data": b""} if answer else None

    def ping(self):
        self.pings += 1
        self._due = self.answers

    def close(self):
        self.closed.set()


class OneSubscription:
    """A store with nothing but that to listen to."""

    def __init__(self, subscription: SilentServer) -> None:
        self.client = self
        self._subscription = subscription

    def pubsub(self, **_):
        return self._subscription


@pytest.fixture
def never(monkeypatch):
    """Trouble is waited out for good, so that a test sees it once."""
    monkeypatch.setattr(wakeups, "RECONNECT_SECONDS", float("inf"))


async def test_an_append_wakes_whoever_listens(store, nursery):
    wakes = set()
    woken = trio.Event()

    def on_wake(wake):
        wakes.add(wake)
        woken.set()

    await nursery.start(listen, store, on_wake)
    appender = EventAppender(store)
    await nursery.start(appender.run)
    await appender.append(event(1))
    with trio.fail_after(30):
        await woken.wait()
    assert wakes == {Wake("event", store.shard_of("city", "oUSER1"), "")}
    nursery.cancel_scope.cancel()


async def test_a_server_that_vanished_without_a_word_is_left(never, nursery):
    server = SilentServer(answers=False)
    await nursery.start(listen, OneSubscription(server), lambda _wake: None)
    with trio.fail_after(30):
        await server.closed.wait()
    assert (server.pings, server.waits) == (1, wakeups.GIVE_UP_AFTER)
    nursery.cancel_scope.cancel()


async def test_a_server_that_answers_its_ping_is_only_quiet(never, nursery):
    server = SilentServer(answers=True)
    await nursery.start(listen, OneSubscription(server), lambda _wake: None)
    with trio.fail_after(30):
        while server.waits < 3 * wakeups.GIVE_UP_AFTER:
            await trio.lowlevel.checkpoint()
    assert not server.closed.is_set()
    nursery.cancel_scope.cancel()
