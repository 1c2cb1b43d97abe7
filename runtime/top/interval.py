"""What happened between two scrapes: rates, and quantiles of what was observed; does no I/O."""

import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

from prometheus_client import Counter, Histogram

from runtime.top.scrape import Labels, Metric, Scrape, name_of


class Interval:
    """Two scrapes of the same address, the earlier one first."""

    def __init__(self, before: Scrape, after: Scrape) -> None:
        self._before = before
        self._after = after
        self.seconds = max(after.at - before.at, 1e-9)

    def rate(self, counter: Counter, **where: str) -> float:
        """How fast the counters with these labels grew together, a second."""
        return sum(self._increases(f"{name_of(counter)}_total", where).values()) / self.seconds

    def rates(self, counter: Counter, label: str, **where: str) -> dict[str, float]:
        """The same for each value of a label."""
        found: dict[str, float] = defaultdict(float)
        for labels, increase in self._increases(f"{name_of(counter)}_total", where).items():
            found[dict(labels).get(label, "")] += increase / self.seconds
        return dict(found)

    def observations(self, histogram: Histogram, **where: str) -> float:
        """How many were observed, a second."""
        return sum(self._increases(f"{name_of(histogram)}_count", where).values()) / self.seconds

    def quantile(self, share: float, histogram: Histogram, **where: str) -> float | None:
        """The value that `share` of the observations did not exceed, between the edges of its bucket.

        Infinite if it lies beyond the last edge; None if nothing was observed.
        """
        counts: dict[float, float] = defaultdict(float)
        for labels, increase in self._increases(f"{name_of(histogram)}_bucket", where).items():
            counts[float(dict(labels)["le"])] += increase
        return _quantile(share, sorted(counts.items()))

    def gauge(self, metric: Metric, **where: str) -> float | None:
        """The sum of the gauges with these labels now; None if there is none."""
        values = [value for _, value in self._after.matching(name_of(metric), where)]
        return sum(values) if values else None

    def gauges(self, metric: Metric, **where: str) -> list[tuple[dict[str, str], float]]:
        """Each gauge with these labels now."""
        return list(self._after.matching(name_of(metric), where))

    def total(self, counter: Counter, **where: str) -> float:
        """Where the counters with these labels stand together."""
        return sum(value for _, value in self._after.matching(f"{name_of(counter)}_total", where))

    def _increases(self, name: str, where: Mapping[str, str]) -> dict[Labels, float]:
        """A counter that went down began anew, and all that it shows was counted since."""
        known = self._before.samples.get(name, {})
        increases = {}
        for labels, value in self._after.matching(name, where):
            key = tuple(labels.items())
            earlier = known.get(key, 0.0)
            increases[key] = value - earlier if value >= earlier else value
        return increases


def _quantile(share: float, buckets: list[tuple[float, float]]) -> float | None:
    """Interpolate in cumulative buckets `(upper edge, count)`, as Prometheus's `histogram_quantile` does."""
    if not buckets or buckets[-1][1] <= 0:
        return None
    rank = share * buckets[-1][1]
    for (low, below), (high, count) in pairwise([(0.0, 0.0), *buckets]):
        if count >= rank:
            if math.isinf(high):
                return math.inf
            return low + (high - low) * (rank - below) / (count - below) if count > below else low
    return math.inf
