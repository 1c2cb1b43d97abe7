from queues.keys import GAUGES
from queues.readings.figures import read_figures
from queues.readings.gauge_lease import hold_gauges, release_gauges


async def test_one_process_shows_the_gauges_until_it_lets_go(store):
    assert hold_gauges(store.client, "a:9090", 60)
    assert not hold_gauges(store.client, "b:9090", 60)
    assert hold_gauges(store.client, "a:9090", 60)
    await release_gauges(store, "b:9090")
    assert not hold_gauges(store.client, "b:9090", 60)
    await release_gauges(store, "a:9090")
    assert hold_gauges(store.client, "b:9090", 60)


async def test_each_scrape_renews_the_lease(store):
    hold_gauges(store.client, "a:9090", 5)
    hold_gauges(store.client, "a:9090", 60)
    assert 50 < store.client.ttl(GAUGES) <= 60


async def test_who_does_not_hold_the_lease_reads_nothing_more(store):
    assert await read_figures(store, [], holder="a:9090", lease_seconds=60) is not None
    assert await read_figures(store, [], holder="b:9090", lease_seconds=60) is None
