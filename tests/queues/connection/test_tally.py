from queues.connection.durability import settle_durability
from queues.connection.tally import Tally
from queues.scripts import Call
from queues.settings import StoreSettings

KEY = "{tg2}:events"


def confirm(tally, *numbers):
    """Batches one after another that got these numbers; how many were found lost at each."""
    return [tally.settle(tally.entry(KEY), number, proven=True) for number in numbers]


def test_the_count_stands_in_the_shard_of_the_batch():
    entry = Tally().entry(KEY)
    assert entry.key.startswith("{tg2}:tally:")
    assert list(entry.call.keys) == [entry.key]


def test_two_processes_count_apart():
    assert Tally().entry(KEY).key != Tally().entry(KEY).key


def test_a_store_that_has_everything_counts_on():
    assert confirm(Tally(), 1, 2, 3) == [0, 0, 0]


def test_a_number_that_a_confirmed_batch_had_tells_how_many_are_gone():
    assert confirm(Tally(), 1, 2, 3, 4, 3, 4, 5) == [0, 0, 0, 0, 2, 0, 0]


def test_a_new_store_has_nothing():
    assert confirm(Tally(), 1, 2, 3, 1) == [0, 0, 0, 3]


def test_what_was_never_confirmed_is_not_missed():
    tally = Tally()
    confirm(tally, 1)
    tally.settle(tally.entry(KEY), 2, proven=False)
    assert confirm(tally, 2) == [0]


def test_answers_that_overtake_each_other_are_no_loss():
    tally = Tally()
    first, second = tally.entry(KEY), tally.entry(KEY)
    assert tally.settle(second, 2, proven=True) == 0
    assert tally.settle(first, 1, proven=True) == 0


def test_batches_that_were_on_their_way_together_find_a_loss_once():
    tally = Tally()
    confirm(tally, 1, 2, 3)
    first, second = tally.entry(KEY), tally.entry(KEY)
    assert tally.settle(first, 2, proven=True) == 2
    assert tally.settle(second, 3, proven=True) == 0
    assert confirm(tally, 4) == [0]


def test_shards_are_counted_apart():
    tally = Tally()
    confirm(tally, 1, 2)
    assert tally.settle(tally.entry("{tg1}:events"), 1, proven=True) == 0


def test_a_count_that_is_a_day_old_may_have_gone_by_itself(monkeypatch):
    tally = Tally()
    confirm(tally, 1, 2)
    monkeypatch.setattr("queues.connection.tally._TRUSTED_SECONDS", 0.0)
    assert confirm(tally, 1) == [0]


async def test_a_store_that_lost_its_last_batches_is_told_of(store):
    """As a replica that takes over without them: here the count is set back."""
    lost = []
    settings = StoreSettings(durability="fsync")
    store.client.config_set("appendfsync", "everysec")
    try:
        durability = settle_durability(store.servers, settings, lost.append)
    finally:
        store.client.config_set("appendfsync", "always")
    calls = [Call(None, (KEY,), ("EXISTS", KEY))]
    for _ in range(5):
        durability.confirmed(store.client, calls)
    [key] = store.client.keys("*tally*")
    assert 0 < store.client.ttl(key) <= 86_400
    store.client.decrby(key, 2)
    durability.confirmed(store.client, calls)
    assert lost == [2]


async def test_a_lone_store_that_syncs_always_is_not_asked_for_a_count(store):
    assert settle_durability(store.servers, StoreSettings(), [].append) is None
    assert await store.commit("test", [Call(None, (KEY,), ("EXISTS", KEY))]) == [0]
    assert store.client.keys("*tally*") == []
