import pytest

from queues.readings.backlog import SAMPLE, read_backlog
from tests.queues.makers import push
from tests.queues.steps import append_pushes


async def test_counts_queued_pushes_by_feed_over_all_shards(store, nursery):
    everyone = [push(f"oUSER{n}", upstream=f"u{n % 3}", priority="high" if n % 2 else "bulk") for n in range(50)]
    await append_pushes(store, nursery, *everyone, push(account="uni"), push(send_at=4_000_000_000))
    backlog = await read_backlog(store)
    assert backlog.queued == {"city:template": 50, "uni:template": 1}
    assert backlog.later == {"city": 1}


async def test_reckons_what_waits_for_its_time_by_account_also_where_it_is_much(store, nursery):
    await append_pushes(store, nursery, *[push(send_at=4e9) for _ in range(3 * SAMPLE)], push("oUSER0", account="uni"))
    assert (await read_backlog(store)).later == {"city": 3 * SAMPLE}


async def test_an_empty_store_has_none(store):
    assert (await read_backlog(store)).queued == {}


async def test_the_share_of_memory_is_of_the_stores_limit(store):
    assert (await read_backlog(store)).memory_share == 0, "it has none"
    used = store.client.info("memory")["used_memory"]
    store.client.config_set("maxmemory", used * 4)
    try:
        assert (await read_backlog(store)).memory_share == pytest.approx(0.25, rel=0.5)
    finally:
        store.client.config_set("maxmemory", 0)
