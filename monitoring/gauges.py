"""Gauges that are read where they stand, once a scrape."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring.names import Family


class Reading(Struct, frozen=True):
    """One gauge's value; `labels` in the order of the family's."""

    family: Family
    labels: tuple[str, ...]
    value: float


class ReadingsCollector(Collector):
    """Hands prometheus_client what `read` returns; called in the exporter's thread."""

    def __init__(self, read: Callable[[], Iterable[Reading]]) -> None:
        self._read = read

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every family that has a reading."""
        families: dict[str, GaugeMetricFamily] = {}
        for reading in self._read():
            family = reading.family
            if family.name not in families:
                families[family.name] = GaugeMetricFamily(family.name, family.help, labels=family.labels)
            families[family.name].add_metric(reading.labels, reading.value)
        yield from families.values()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not read the store."""
        return []
