"""The connection that the loop waits for itself: what it answers, and what it leaves to the way through a thread."""

from collections import Counter

import pytest
import redis
import trio
from redis.backoff import NoBackoff
from redis.retry import Retry

from queues.connection.hotline import MOST, Hotline
from queues.scripts import Call
from queues.store import Store
from tests.queues.makers import event
from tests.queues.waiting_appender import WaitingAppender

PATIENCE = 30.0


def command(*words: object) -> Call:
    return Call(None, (), words)


def kill_connections(client: redis.Redis) -> None:
    """As a store that restarts does."""
    client.client_kill_filter(_type="normal", skipme=True)


async def blocked(client: redis.Redis, count: int = 1) -> None:
    """Until the store has so many wait for a key."""
    while client.info("clients")["blocked_clients"] < count:
        await trio.lowlevel.checkpoint()


@pytest.fixture
def hotline(store: Store) -> Hotline:
    return Hotline(store.client, PATIENCE, transacts=True)


async def test_it_answers_in_order(hotline):
    assert await hotline.run([command("ECHO", "a"), command("ECHO", "b")]) == [b"a", b"b"]
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_a_batch_beyond_the_buffers_of_the_kernel_is_sent_whole(hotline):
    large = b"x" * 8_000_000
    assert await hotline.run([command("ECHO", large), command("ECHO", "b")]) == [large, b"b"]


def commands_seen(client: redis.Redis) -> Counter[str]:
    """How often the store was given each command."""
    return Counter({name.removeprefix("cmdstat_"): each["calls"] for name, each in client.info("commandstats").items()})


async def test_a_batch_that_is_read_in_pieces_is_one_transaction_and_so_has_one_fsync(store, hotline):
    large = b"x" * 20_000
    before = commands_seen(store.client)
    assert await hotline.run([command("ECHO", large), command("ECHO", "b")]) == [large, b"b"]
    assert await hotline.run([command("ECHO", "c"), command("ECHO", "d")]) == [b"c", b"d"]
    assert await hotline.run([command("ECHO", large)]) == [large]
    seen = commands_seen(store.client) - before
    assert (seen["multi"], seen["exec"]) == (1, 1)


async def test_a_cluster_is_given_no_transactions(store):
    large = b"x" * 20_000
    hotline = Hotline(store.client, PATIENCE, transacts=False)
    before = commands_seen(store.client)
    assert await hotline.run([command("ECHO", large), command("ECHO", "b")]) == [large, b"b"]
    assert (commands_seen(store.client) - before)["multi"] == 0


async def test_an_error_within_a_transaction_is_the_answer_to_its_own_call(hotline):
    large = b"x" * 20_000
    first, error, last = await hotline.run(
        [command("ECHO", large), command("EVALSHA", "0" * 40, "0"), command("ECHO", "b")]
    )
    assert (first, last) == (large, b"b")
    assert isinstance(error, redis.exceptions.NoScriptError)


async def test_a_transaction_that_is_refused_is_left_to_the_caller(hotline):
    assert await hotline.run([command("ECHO", b"x" * 20_000), command("NOSUCH")]) is None
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_a_few_wait_at_once_and_others_are_left_to_their_callers(store, hotline, nursery):
    popped = []

    async def pop() -> None:
        popped.append(await hotline.run([command("BLPOP", "waited-for", "0")]))

    for _ in range(MOST):
        nursery.start_soon(pop)
    await blocked(store.client, MOST)
    assert await hotline.run([command("ECHO", "b")]) is None
    store.client.rpush("waited-for", *range(MOST))
    while len(popped) < MOST:
        await trio.lowlevel.checkpoint()
    assert sorted(value for [[_, value]] in popped) == [b"0", b"1", b"2", b"3"]
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_an_error_is_the_answer_to_its_own_call(hotline):
    first, error, last = await hotline.run([command("ECHO", "a"), command("NOSUCH"), command("ECHO", "b")])
    assert (first, last) == (b"a", b"b")
    assert isinstance(error, redis.ResponseError)
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_a_connection_that_died_leaves_its_batch_to_the_caller(store, hotline):
    assert await hotline.run([command("ECHO", "a")]) == [b"a"]
    kill_connections(store.client)
    assert await hotline.run([command("ECHO", "b")]) is None
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_a_late_answer_is_given_to_nobody(store, hotline, mock_clock):
    async def pop() -> None:
        with pytest.raises(redis.TimeoutError):
            await hotline.run([command("BLPOP", "waited-for", "0")])

    async with trio.open_nursery() as popping:
        popping.start_soon(pop)
        await blocked(store.client)
        mock_clock.jump(PATIENCE)
    store.client.rpush("waited-for", "late")
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]
    store.client.delete("waited-for")


async def test_who_is_cancelled_takes_the_unread_answer_along(hotline):
    with trio.CancelScope() as scope:
        scope.cancel()
        await hotline.run([command("ECHO", "unread")])
    assert await hotline.run([command("ECHO", "c")]) == [b"c"]


async def test_a_store_that_is_not_there_is_said_so(tmp_path):
    none = redis.Redis(unix_socket_path=str(tmp_path / "none.sock"), retry=Retry(NoBackoff(), 0))
    with none as client, pytest.raises(redis.ConnectionError):
        await Hotline(client, PATIENCE, transacts=True).run([command("ECHO", "a")])


async def test_whoever_appends_sees_nothing_of_a_connection_that_died_or_of_scripts_that_were_forgotten(store, nursery):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    assert await appender.append(event(1)) is True
    kill_connections(store.client)
    assert await appender.append(event(2)) is True
    store.client.script_flush()
    assert await appender.append(event(3)) is True
    nursery.cancel_scope.cancel()


async def test_a_batch_needs_no_thread(store, nursery, monkeypatch):
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    assert await appender.append(event(1)) is True  # connects, and brings the script
    assert await appender.append(event(2)) is True

    def refused(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a thread")

    monkeypatch.setattr(trio.to_thread, "run_sync", refused)
    assert await appender.append(event(3)) is True
    monkeypatch.undo()
    nursery.cancel_scope.cancel()
