import threading

import pytest
import redis
import trio

from queues.connection.connector import open_servers
from queues.connection.durability import settle_durability
from queues.errors import StoreMismatchError, StoreUnavailableError
from queues.scripts import Call
from queues.settings import StoreSettings
from queues.store import Store, open_store
from tests.queues.makers import event
from tests.queues.waiting_appender import WaitingAppender


async def test_a_store_with_another_shard_count_is_refused_with_the_way_out(store, store_settings):
    with pytest.raises(StoreMismatchError, match=r"set store\.shards = 4"):
        async with open_store(StoreSettings(url=store_settings.url, shards=8)):
            pass


async def test_a_store_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(StoreUnavailableError):
        async with open_store(StoreSettings(url=f"unix://{tmp_path}/none.sock")):
            pass


async def test_who_pings_a_silent_store_need_not_wait_for_its_thread(monkeypatch, autojump_clock):
    left = threading.Event()
    monkeypatch.setattr(redis.Redis, "ping", lambda _client: left.wait(30))
    with trio.move_on_after(1) as patience:
        await Store(open_servers("redis://127.0.0.1:9"), 4).ping()
    left.set()
    assert patience.cancelled_caught


async def test_without_calls_nothing_is_asked():
    nowhere = Store(open_servers("redis://127.0.0.1:9"), 4)
    assert await nowhere.run("nothing", []) == []
    assert await nowhere.commit("nothing", []) == []


@pytest.fixture
def lazy_fsync(store):
    """The store with `appendfsync everysec`, which answers before it is on disk."""
    store.client.config_set("appendfsync", "everysec")
    yield
    store.client.config_set("appendfsync", "always")


def proofs(store):
    return store.client.info("commandstats")["cmdstat_waitaof"]["calls"]


async def test_without_fsync_on_every_write_the_proof_is_asked_for(store, store_settings, lazy_fsync, nursery):
    async with open_store(store_settings) as lazy:
        appender = WaitingAppender(lazy)
        await nursery.start(appender.run)
        assert await appender.append(event(1)) is True
        before = proofs(lazy)
        assert await appender.append(event(2)) is True
        assert proofs(lazy) == before + 1
        nursery.cancel_scope.cancel()


async def test_scripts_that_had_to_be_sent_again_are_proven_as_well(store, store_settings, lazy_fsync, nursery):
    """A server that has just taken over knows no script: the first proof comes before anything was written."""
    async with open_store(store_settings) as lazy:
        appender = WaitingAppender(lazy)
        await nursery.start(appender.run)
        lazy.client.script_flush()
        before = proofs(lazy)
        assert await appender.append(event(1)) is True
        assert proofs(lazy) == before + 2
        nursery.cancel_scope.cancel()


async def test_a_batch_of_repeats_writes_something_for_the_proof_to_wait_for(
    store, store_settings, lazy_fsync, nursery
):
    async with open_store(store_settings) as lazy:
        appender = WaitingAppender(lazy)
        await nursery.start(appender.run)
        assert await appender.append(event(1)) is True
        before = lazy.client.info("replication")["master_repl_offset"]
        assert await appender.append(event(1)) is False
        assert lazy.client.info("replication")["master_repl_offset"] > before
        nursery.cancel_scope.cancel()


async def test_too_few_replicas_is_not_durable(store, store_settings, monkeypatch):
    monkeypatch.setattr("queues.connection.durability._WAIT_MS", "1")
    settings = StoreSettings(url=store_settings.url, durability="replica", replicas=1)
    durability = settle_durability(store.servers, settings, [].append)
    key = store.keys[0].events
    with pytest.raises(redis.RedisError, match="not yet durable: WAIT reached"):
        durability.confirmed(store.client, [Call(None, (key,), ("EXISTS", key))])
