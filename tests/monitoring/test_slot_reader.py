"""What several processes counted, merged: the same as prometheus_client's own collector makes of the same files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from monitoring.cells import SlotCells
from monitoring.instruments import Counter, Histogram
from monitoring.slot_reader import SlotsCollector

ACCOUNTS = st.sampled_from(["city", "uni", 'odd "name" \\ 中文'])
AMOUNTS = st.sampled_from([0.0, 1 / 64, 0.5, 1.0, 3.0, 5.0, 20.0])  # sums are exact, in whatever order they are made
COUNTS = st.lists(st.tuples(ACCOUNTS, AMOUNTS), max_size=8)


def count(directory: Path, slot: str, counted) -> None:
    """What one process in a slot does, from its start to its end."""
    cells = SlotCells(directory, slot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "ValueClass", cells)
        registry = CollectorRegistry()
        sent = Counter("sent", "Sent.", ["account"], registry=registry)
        wait = Histogram("wait_seconds", "Wait.", ["account"], buckets=(0.02, 1, 5), registry=registry)
        held = Gauge("held", "Held.", ["account"], multiprocess_mode="livesum", registry=registry)
        broken = Gauge("broken", "Broken.", ["account"], multiprocess_mode="livemax", registry=registry)
        for account, amount in counted:
            sent.labels(account).inc(amount)
            wait.labels(account).observe(amount)
            held.labels(account).inc(amount)
            broken.labels(account).set(amount)
    cells.close()


def exposed(collector) -> list[str]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return sorted(generate_latest(registry).decode().splitlines())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(st.tuples(st.sampled_from(["gateway-0", "gateway-1", "pusher-0"]), COUNTS), max_size=5))
def test_it_is_what_the_librarys_own_collector_says(tmp_path_factory, runs):
    directory = tmp_path_factory.mktemp("slots")
    for slot, counted in runs:
        count(directory, slot, counted)
    library = MultiProcessCollector(None, str(directory))
    assert exposed(SlotsCollector(directory)) == exposed(library)


def test_a_series_that_appears_later_is_in_the_next_scrape(tmp_path):
    collector = SlotsCollector(tmp_path)
    assert exposed(collector) == []
    count(tmp_path, "gateway-0", [("city", 1.0)])
    assert 'sent_total{account="city"} 1.0' in exposed(collector)
    count(tmp_path, "gateway-1", [("city", 2.0), ("uni", 4.0)])
    lines = exposed(collector)
    assert {'sent_total{account="city"} 3.0', 'sent_total{account="uni"} 4.0'} <= set(lines)


def test_a_file_that_was_just_made_or_is_gone_has_nothing(tmp_path, monkeypatch):
    (tmp_path / "counter_gateway-0.db").touch()
    gone = tmp_path / "gauge_livesum_gateway-0.db"
    monkeypatch.setattr(Path, "glob", lambda self, _: [self / "counter_gateway-0.db", gone])
    assert exposed(SlotsCollector(tmp_path)) == []
