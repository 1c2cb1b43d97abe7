import pytest
from msgspec import structs

from queues.readings.vitals import read_vitals


async def test_the_stores_figures_are_read(store):
    vitals = read_vitals(store.client)
    assert vitals.memory_bytes > 100_000
    assert vitals.clients >= 1
    assert vitals.commands > 0
    assert (vitals.evicted_keys, vitals.replicas) == (0, 0)
    assert vitals.clock_skew_seconds == pytest.approx(0, abs=1)


async def test_a_store_that_stops_syncing_at_once_is_not_durable_unless_each_commit_has_its_proof(store):
    always = read_vitals(store.client)
    assert always.durable("fsync", proven=False)
    store.client.config_set("appendfsync", "everysec")
    try:
        everysec = read_vitals(store.client)
    finally:
        store.client.config_set("appendfsync", "always")
    assert not everysec.durable("fsync", proven=False)
    assert everysec.durable("fsync", proven=True)
    assert everysec.durable("memory", proven=False)


async def test_a_store_that_does_not_say_is_believed_and_one_that_writes_nothing_is_not(store):
    vitals = read_vitals(store.client)
    assert structs.replace(vitals, syncs_always=None).durable("fsync", proven=False)
    assert not structs.replace(vitals, appends=False).durable("fsync", proven=True)
