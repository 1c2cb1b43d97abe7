import pytest
import trio

from queues import wakeups
from queues.events.appender import EventAppender
from queues.keys import WAKE_CHANNEL
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


class Subscriptions:
    """A store with nothing but these to listen to, one after the other."""

    shards = 4

    def __init__(self, *servers: SilentServer) -> None:
        self.client = self
        self._servers = iter(servers)

    def pubsub(self, **_):
        return next(self._servers)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(wakeups, "RECONNECT_SECONDS", 0)


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


@pytest.mark.parametrize(
    "foreign",
    [b"hello", b"", b"push x city:template", b"push 9 city:template", b"push 0 a b", b"\xff 0 -", b"news 0 -"],
)
async def test_what_others_say_on_the_channel_is_passed_over(foreign, store, nursery):
    send, wakes = trio.open_memory_channel(10)
    await nursery.start(listen, store, send.send_nowait)
    store.client.publish(WAKE_CHANNEL, foreign)
    store.client.publish(WAKE_CHANNEL, "push 1 city:template")
    with trio.fail_after(30):
        assert await wakes.receive() == Wake("push", 1, "city:template")
    assert wakes.statistics().current_buffer_used == 0
    nursery.cancel_scope.cancel()


async def test_a_server_that_vanished_without_a_word_is_left_for_another_connection(at_once, nursery):
    vanished, quiet = SilentServer(answers=False), SilentServer(answers=True)
    await nursery.start(listen, Subscriptions(vanished, quiet), lambda _wake: None)
    with trio.fail_after(30):
        await vanished.closed.wait()
        while not quiet.waits:
            await trio.lowlevel.checkpoint()
    assert (vanished.pings, vanished.waits) == (1, wakeups.GIVE_UP_AFTER)
    nursery.cancel_scope.cancel()


async def test_a_server_that_answers_its_ping_is_only_quiet(nursery):
    quiet = SilentServer(answers=True)
    await nursery.start(listen, Subscriptions(quiet), lambda _wake: None)
    with trio.fail_after(30):
        while quiet.waits < 3 * wakeups.GIVE_UP_AFTER:
            await trio.lowlevel.checkpoint()
    assert not quiet.closed.is_set()
    nursery.cancel_scope.cancel()
