"""The store's gauges: every configured account has every queue, and nobody else has a label."""

import pytest
from msgspec import structs

from monitoring import names
from queues.account import ApiLimit
from queues.readings.account_stats import AccountStats, QuotaStat, TokenStat
from queues.readings.figures import Figures
from queues.readings.queue_stats import QueueStat, StoreStats
from queues.readings.vitals import Vitals
from queues.settings import StoreSettings
from runtime.telemetry.gauge_readings import GaugeReadings

VITALS = Vitals(
    memory_bytes=1000,
    max_memory_bytes=4000,
    clients=3,
    cpu_seconds=1.5,
    commands=10,
    evicted_keys=0,
    replicas=1,
    appends=True,
    syncs_always=True,
    clock_skew_seconds=0.25,
)
TEMPLATE = QuotaStat("city", "template", ApiLimit(per_second=10, per_day=1000), 400, 0)


def figures(queues=(), quotas=(TEMPLATE,), stopped=(), vitals=VITALS, **ages):
    stats = StoreStats(list(queues), ages.get("overdue", 0), ages.get("dead", 0))
    accounts = AccountStats(list(quotas), frozenset(stopped), [TokenStat("city", 60)], 3600)
    return Figures(stats, accounts, vitals, proven=False)


def shown(seen, **settings):
    readings = GaugeReadings(["city", "uni"], StoreSettings(**settings)).of(seen, 0)
    return {(reading.family.name.removeprefix("tidegate_"), *reading.labels): reading.value for reading in readings}


def test_an_idle_store_shows_a_zero_for_every_account_and_queue():
    values = shown(figures())
    for account in ("city", "uni"):
        for queue in ("high", "normal", "bulk", "later", "dead"):
            assert values["queue_depth", account, queue] == 0
        for queue in ("high", "normal", "bulk"):
            assert values["queue_drain_seconds", account, queue] == 0
            assert values["queue_oldest_seconds", account, queue] == 0
            assert values["queue_pending", account, queue] == 0
        assert values["account_stopped", account] == 0
    assert values["queue_depth", "", "events"] == 0
    assert values["queue_oldest_seconds", "", "later"] == 0


def test_apis_of_one_account_are_counted_together_and_drain_as_the_slower_one_does():
    custom = QuotaStat("city", "custom", ApiLimit(per_second=1), 0, 0)
    waiting = [QueueStat("city", "template", "normal", 50, 3, 2), QueueStat("city", "custom", "normal", 30, 7, 1)]
    values = shown(figures(waiting, (TEMPLATE, custom)))
    assert values["queue_depth", "city", "normal"] == 80
    assert values["queue_oldest_seconds", "city", "normal"] == 7
    assert values["queue_pending", "city", "normal"] == 3
    assert values["queue_drain_seconds", "city", "normal"] == 30


def test_what_exceeds_todays_quota_takes_until_tomorrow():
    values = shown(figures([QueueStat("city", "template", "bulk", 700, 1, 0)]))
    assert values["queue_drain_seconds", "city", "bulk"] == 3600 + 10


def test_accounts_that_are_not_configured_any_more_are_counted_together():
    left = [QueueStat("gone", "template", "normal", 5, 9, 0), QueueStat("gone-too", "template", "normal", 6, 8, 0)]
    values = shown(figures(left, ()))
    assert values["queue_depth", "other", "normal"] == 11
    assert not [labels for labels in values if "gone" in labels]


def test_quotas_and_holds():
    values = shown(figures(quotas=[structs.replace(TEMPLATE, held_seconds=30)], stopped=["uni"]))
    assert (values["quota_limit", "city", "template"], values["quota_spent", "city", "template"]) == (1000, 400)
    assert values["quota_parked", "city", "template"] == 1
    assert (values["account_stopped", "city"], values["account_stopped", "uni"]) == (0, 1)
    assert values["token_age_seconds", "city"] == 60


@pytest.mark.parametrize(
    ("settings", "vitals", "durable", "needed"),
    [
        ({}, {}, 1, 0),
        ({}, {"syncs_always": False}, 0, 0),
        ({"durability": "memory"}, {"appends": False}, 1, 0),
        ({"durability": "replica", "replicas": 2}, {}, 1, 2),
    ],
)
def test_the_store_is_durable_as_configured_or_says_that_it_is_not(settings, vitals, durable, needed):
    values = shown(figures(vitals=structs.replace(VITALS, **vitals)), **settings)
    assert values["store_durable",] == durable
    assert (values["store_replicas",], values["store_replicas_needed",]) == (1, needed)


def test_the_stores_vitals_are_shown():
    values = shown(figures(overdue=12, dead=99))
    assert values["store_memory_bytes",] == 1000
    assert values["store_max_memory_bytes",] == 4000
    assert values["store_clock_skew_seconds",] == 0.25
    assert values["queue_oldest_seconds", "", "later"] == 12
    assert values["queue_oldest_seconds", "", "dead"] == 99


def test_what_only_grows_is_a_counter():
    for family in vars(names).values():
        if isinstance(family, names.Family):
            assert (family.kind == "counter") == family.name.endswith("_total")
