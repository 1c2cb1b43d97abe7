"""Merges what the processes of all slots have counted.

How it works: the files are prometheus_client's own format (`cells.py` writes it), and so is what comes out. Its own
collector takes every series' name apart anew at each scrape, which is most of a scrape's time; here that is done once a
series, and afterwards a scrape is one pass over the files: counters, buckets and `livesum` gauges are added up, of
`livemax` gauges the highest counts. A test compares the two.

Bounds: one parsed name a series, as many as the processes have (labels are bounded).
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct as Layout
from typing import Final

from msgspec import Struct
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

_LENGTH: Final = Layout("i")
_VALUE: Final = Layout("d")
_HEADER_BYTES: Final = 8
_CELL_BYTES: Final = 16  # the value, and a timestamp that we do not use
_HIGHEST: Final = "livemax"


class _Series(Struct, frozen=True):
    """What a series' key in a file says; `edge` is a bucket's, and its labels are without it."""

    metric: str
    name: str
    labels: dict[str, str]
    help: str
    edge: float | None


class SlotsCollector(Collector):
    """All files in a directory as one process's metrics; called in the exporter's thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parsed: dict[bytes, _Series] = {}

    def collect(self) -> Iterator[Metric]:
        """Every metric, its samples merged over the slots."""
        metrics: dict[str, Metric] = {}
        for kind, values in self._merged().items():
            buckets: dict[tuple[str, tuple[str, ...]], list[tuple[float, float, _Series]]] = {}
            for key, value in values.items():
                series = self._series(key)
                metric = metrics.get(series.metric)
                if metric is None:
                    metric = metrics[series.metric] = Metric(series.metric, series.help, kind)
                if series.edge is None:
                    metric.samples.append(Sample(series.name, series.labels, value))
                else:
                    of = (series.metric, tuple(series.labels.values()))
                    buckets.setdefault(of, []).append((series.edge, value, series))
            for (name, _), found in buckets.items():
                metrics[name].samples += _cumulated(name, sorted(found, key=lambda each: each[0]))
        yield from metrics.values()

    def _merged(self) -> dict[str, dict[bytes, float]]:
        """By type of metric, the value of each key over all slots."""
        merged: dict[str, dict[bytes, float]] = {}
        for file in sorted(self._directory.glob("*.db")):
            kind, *mode, _slot = file.stem.split("_")
            values = merged.setdefault(kind, {})
            for key, value in _cells(file):
                known = values.get(key)
                if known is None:
                    values[key] = value
                else:
                    values[key] = max(known, value) if _HIGHEST in mode else known + value
        return merged

    def _series(self, key: bytes) -> _Series:
        series = self._parsed.get(key)
        if series is None:
            metric, name, labels, help_text = json.loads(key)
            edge = labels.pop("le", None) if name.endswith("_bucket") else None
            series = _Series(metric, name, labels, help_text, None if edge is None else float(edge))
            self._parsed[key] = series
        return series


def _cells(file: Path) -> Iterator[tuple[bytes, float]]:
    """The keys and values in one file; nothing of one that was removed meanwhile, as its process ended."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return
    used = _LENGTH.unpack_from(data)[0] if data else 0
    position = _HEADER_BYTES
    while position < used:
        length = _LENGTH.unpack_from(data, position)[0]
        begin = position + _LENGTH.size
        cell = begin + length + (8 - (length + _LENGTH.size) % 8)  # keys are padded, so that values stand on 8 bytes
        yield data[begin : begin + length], _VALUE.unpack_from(data, cell)[0]
        position = cell + _CELL_BYTES


def _cumulated(metric: str, found: Iterable[tuple[float, float, _Series]]) -> Iterator[Sample]:
    """A histogram's buckets as they go over the wire, each with all that are below it, and the count."""
    total = 0.0
    labels: dict[str, str] = {}
    for edge, value, series in found:
        total += value
        labels = series.labels
        le = floatToGoString(edge)  # type: ignore[no-untyped-call]
        yield Sample(series.name, {**labels, "le": le}, total)
    yield Sample(f"{metric}_count", labels, total)
