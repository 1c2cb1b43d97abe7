"""Metrics that are read from their source at each scrape, rather than counted here."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring.names import Family

_Shown = GaugeMetricFamily | CounterMetricFamily
_KINDS: Mapping[str, type[_Shown]] = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class Reading(Struct, frozen=True):
    """One value; `labels` in the order of the family's."""

    family: Family
    labels: tuple[str, ...]
    value: float


class ReadingsCollector(Collector):
    """Hands prometheus_client what `read` returns; called in the exporter's thread."""

    def __init__(self, read: Callable[[], Iterable[Reading]]) -> None:
        self._read = read

    def collect(self) -> Iterator[_Shown]:
        """Every family that has a reading."""
        families: dict[str, _Shown] = {}
        for reading in self._read():
            family = reading.family
            if family.name not in families:
                families[family.name] = _KINDS[family.kind](family.name, family.help, labels=family.labels)
            families[family.name].add_metric(reading.labels, reading.value)
        yield from families.values()

    def describe(self) -> list[_Shown]:
        """Nothing: registering must not read the store."""
        return []
