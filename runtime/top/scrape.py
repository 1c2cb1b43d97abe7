"""One answer of `/metrics`, parsed; does no I/O."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from monitoring.names import Family

Metric = Counter | Gauge | Histogram | Family
Labels = tuple[tuple[str, str], ...]
"""A sample's labels, sorted by name."""


class NotMetricsError(ValueError):
    """The text is not in Prometheus's text format, or none of it is ours."""


class Scrape(Struct, frozen=True):
    """Every sample by its name and labels, and when it was taken (monotonic seconds)."""

    at: float
    samples: Mapping[str, Mapping[Labels, float]]

    def matching(self, name: str, where: Mapping[str, str]) -> Iterator[tuple[dict[str, str], float]]:
        """The samples of a name whose labels have these values."""
        for labels, value in self.samples.get(name, {}).items():
            named = dict(labels)
            if all(named.get(label) == wanted for label, wanted in where.items()):
                yield named, value


def parse_scrape(text: str, at: float) -> Scrape:
    """Parse Prometheus's text format.

    Raises:
        NotMetricsError: It is something else, or another program's.
    """
    samples: dict[str, dict[Labels, float]] = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = tuple(sorted(sample.labels.items()))
                samples.setdefault(sample.name, {})[labels] = sample.value
    except ValueError as error:
        raise NotMetricsError("not in Prometheus's text format") from error
    if not any(name.startswith("tidegate_") for name in samples):
        raise NotMetricsError("no metric of Tidegate's is in it")
    return Scrape(at, samples)


def name_of(metric: Metric) -> str:
    """A metric's name without the suffix that its samples carry, as `monitoring.names` defines it."""
    return metric.name if isinstance(metric, Family) else str(next(iter(metric.describe())).name)
