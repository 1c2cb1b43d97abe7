"""Where a metric's value lives: one process counts, the exporter reads, the slot's next process goes on with it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest, values
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from monitoring import instruments
from monitoring.cells import OwnCell, SlotCells
from monitoring.exporter import merged_registry
from monitoring.instruments import Counter, Histogram

EDGES = (0.02, 1, 5)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "ValueClass", OwnCell)


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """What a process does that takes the slot; the one before is at its end."""
    taken: list[SlotCells] = []

    def take() -> None:
        for cells in taken:
            cells.close()
        taken[:] = [SlotCells(tmp_path, "gateway-0")]
        monkeypatch.setattr(values, "ValueClass", taken[0])

    yield take
    for cells in taken:
        cells.close()


def merged(directory: Path) -> list[str]:
    return generate_latest(merged_registry(directory, list)).decode().splitlines()


def test_a_slots_values_are_what_the_exporter_reads(tmp_path, registry, begin):
    begin()
    Counter("sent", "Sent.", ["account"], registry=registry).labels("city").inc(2.5)
    Histogram("wait_seconds", "Wait.", buckets=EDGES, registry=registry).observe(0.5)
    Gauge("open", "Open.", multiprocess_mode="livesum", registry=registry).set(7)
    lines = merged(tmp_path)
    assert 'sent_total{account="city"} 2.5' in lines
    assert 'wait_seconds_bucket{le="0.02"} 0.0' in lines
    assert 'wait_seconds_bucket{le="1.0"} 1.0' in lines
    assert 'wait_seconds_bucket{le="+Inf"} 1.0' in lines
    assert "wait_seconds_sum 0.5" in lines
    assert "open 7.0" in lines


def test_values_made_before_a_file_grew_are_still_counted(tmp_path, registry, begin):
    begin()
    counter = Counter("sent", "Sent.", ["account"], registry=registry)
    first = counter.labels("first")
    size = (tmp_path / "counter_gateway-0.db").stat().st_size
    for number in range(1500):
        counter.labels(f"account-{number}").inc()
    assert (tmp_path / "counter_gateway-0.db").stat().st_size > size
    first.inc()
    counter.labels("account-7").inc()
    lines = merged(tmp_path)
    assert 'sent_total{account="first"} 1.0' in lines
    assert 'sent_total{account="account-7"} 2.0' in lines


def test_a_thousand_restarts_leave_no_more_to_read_than_one(tmp_path, begin):
    for restart in range(1000):
        begin()
        Counter("sent", "Sent.", ["account"], registry=CollectorRegistry()).labels("city").inc()
        if restart == 0:
            bytes_after_one = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == bytes_after_one
    assert 'sent_total{account="city"} 1000.0' in merged(tmp_path)


@pytest.mark.parametrize(("seconds", "edge"), [(0.0, "0.02"), (0.02, "0.02"), (0.021, "1.0"), (5, "5.0"), (9, "+Inf")])
@pytest.mark.usefixtures("own")
def test_an_observation_falls_into_the_first_bucket_whose_edge_it_does_not_exceed(registry, seconds, edge):
    Histogram("wait_seconds", "Wait.", buckets=EDGES, registry=registry).observe(seconds)
    counts = {
        sample.labels["le"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "wait_seconds_bucket"
    }
    edges = [*map(str, map(float, EDGES)), "+Inf"]
    assert counts == {each: float(edges.index(each) >= edges.index(edge)) for each in edges}


@pytest.mark.usefixtures("own")
def test_a_process_that_is_scraped_by_itself_shows_the_push_behind_an_observation(registry):
    Histogram("wait_seconds", "Wait.", buckets=EDGES, registry=registry).observe(0.5, {"push_id": "2-01ABC"})
    [line] = [line for line in generate_openmetrics(registry).decode().splitlines() if "push_id" in line]
    assert line.startswith('wait_seconds_bucket{le="1.0"} 1.0 # {push_id="2-01ABC"} 0.5 ')


@pytest.mark.usefixtures("own")
def test_a_bucket_shows_another_push_once_a_second(registry, monkeypatch):
    histogram = Histogram("wait_seconds", "Wait.", buckets=EDGES, registry=registry)
    for now, push_id in ((100.0, "0-A"), (100.9, "0-B"), (101.0, "0-C"), (101.5, "0-D")):
        monkeypatch.setattr(instruments, "time", lambda now=now: now)
        histogram.observe(0.5, {"push_id": push_id})
    assert '# {push_id="0-C"} 0.5 101.0' in generate_openmetrics(registry).decode()


def test_the_files_of_slots_have_no_room_for_a_push_id(tmp_path, registry, begin):
    begin()
    Histogram("wait_seconds", "Wait.", buckets=EDGES, registry=registry).observe(0.5, {"push_id": "2-01ABC"})
    assert b"push_id" not in generate_openmetrics(merged_registry(tmp_path, list))
