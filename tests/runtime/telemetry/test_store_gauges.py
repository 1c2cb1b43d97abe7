"""The exporter's look at the store: once a scrape, by one process, and never in the way of a scrape."""

import pytest
import trio
import trio.testing

from queues.account import Account
from queues.settings import StoreSettings
from runtime.telemetry import store_gauges
from runtime.telemetry.store_gauges import StoreGauges

CITY = Account(name="city", app_id="wx1")


async def scrape(gauges):
    """What a scrape shows, by the family's name; as the exporter does it, in a thread."""
    readings = await trio.to_thread.run_sync(gauges.read)
    return {reading.family.name.removeprefix("tidegate_"): reading.value for reading in readings}


@pytest.fixture
def looking(store, store_settings, nursery):
    """Starts an exporter's gauges, and waits until they reach the store; the scope ends them."""

    async def start(holder):
        gauges, scope = StoreGauges([CITY], store_settings), trio.CancelScope()

        async def run():
            with scope:
                await gauges.run(holder)

        nursery.start_soon(run)
        while (await scrape(gauges))["store_up"] == 0:
            gauges._read_at = -float("inf")  # the next look is not kept from the last one
            await trio.testing.wait_all_tasks_blocked(0.01)
        return gauges, scope

    return start


async def test_only_one_of_two_exporters_shows_the_queues(looking):
    first, scope = await looking("a:9090")
    second, _ = await looking("b:9090")
    assert (await scrape(first))["queue_depth"] == 0
    assert "queue_depth" not in await scrape(second)
    assert (await scrape(second))["store_up"] == 1
    scope.cancel()
    await trio.testing.wait_all_tasks_blocked(0.01)
    while "queue_depth" not in await scrape(second):
        second._read_at = -float("inf")


async def test_accounts_of_a_new_configuration_are_shown_from_the_next_look_on(looking):
    gauges, _ = await looking("a:9090")
    gauges.show([Account(name="metro", app_id="wx2")])
    gauges._read_at = -float("inf")
    readings = await trio.to_thread.run_sync(gauges.read)
    accounts = {reading.labels[0] for reading in readings if reading.family.name == "tidegate_queue_depth"}
    assert accounts == {"", "metro"}


async def test_scrapes_at_one_moment_are_one_look(looking, monkeypatch):
    monkeypatch.setattr(store_gauges, "_FRESH_SECONDS", 60)  # the moment is as long as this machine is slow
    gauges, _ = await looking("a:9090")
    gauges._read_at = -float("inf")
    first, second = await scrape(gauges), await scrape(gauges)
    assert first["store_commands_total"] == second["store_commands_total"]


async def test_a_store_that_cannot_be_reached_is_said_to_be_down(nursery, tmp_path):
    gauges = StoreGauges([CITY], StoreSettings(url=f"unix://{tmp_path}/nobody.sock"))
    nursery.start_soon(gauges.run, "a:9090")
    assert await scrape(gauges) == {"build_info": 1, "store_up": 0}
