import pytest
import trio

from queues import wakeups
from queues.keys import WAKE_CHANNEL
from queues.wakeups import Wake, listen
from tests.queues.makers import event
from tests.queues.waiting_appender import WaitingAppender


class Subscription:
    """A connection to a server that has nothing to say but its answers to some commands."""

    def __init__(self, *answered: str) -> None:
        self._answered = answered
        self.asked: list[str] = []
        self.closed = False
        self._due = False

    async def write(self, packed):
        command = b"".join(packed).split(b"\r\n")[2].decode()  # *n, $length, the word
        self.asked.append(command)
        self._due = command in self._answered

    async def read(self, *, push):
        if not self._due:
            await trio.sleep_forever()
        self._due = False
        return [b"pong", b""]

    def close(self):
        self.closed = True


async def test_an_append_wakes_whoever_listens(store, nursery):
    wakes = set()
    woken = trio.Event()

    def on_wake(wake):
        wakes.add(wake)
        woken.set()

    await nursery.start(listen, store, on_wake)
    appender = WaitingAppender(store)
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


@pytest.fixture
def connect_to(monkeypatch):
    """Has the listener get these connections, one after the other."""

    def connect_to(*subscriptions: Subscription) -> None:
        left = iter(subscriptions)

        async def next_one(_client: object) -> Subscription:
            return next(left)

        monkeypatch.setattr(wakeups.LoopConnection, "open", next_one)

    return connect_to


@pytest.mark.parametrize("answered", [(), ("SUBSCRIBE",)])
async def test_a_server_that_vanished_without_a_word_is_left_for_another_connection(
    answered, store, connect_to, nursery, autojump_clock
):
    vanished, quiet = Subscription(*answered), Subscription("SUBSCRIBE", "PING")
    connect_to(vanished, quiet)
    await nursery.start(listen, store, lambda _wake: None)
    await trio.sleep(60)
    assert vanished.closed
    assert vanished.asked == ["SUBSCRIBE", "PING"][: len(answered) + 1]
    assert quiet.asked.count("PING") > 5
    assert not quiet.closed  # it answers, so it is only quiet
    nursery.cancel_scope.cancel()
