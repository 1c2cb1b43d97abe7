"""The series that exist, by the names Prometheus knows them under, and those that a query asks for."""

import re
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram

from monitoring import names

_PARTS = {Counter: ("_total",), Gauge: ("",), Histogram: ("", "_bucket", "_sum", "_count")}
_ASKED = re.compile(r"\b(tidegate_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')


def exported() -> dict[str, frozenset[str]]:
    """Every series with its labels; a histogram also by the name that people call it."""
    series: dict[str, frozenset[str]] = {}
    for metric in vars(names).values():
        if isinstance(metric, names.Family):
            series[metric.name] = frozenset(metric.labels)
        for kind, suffixes in _PARTS.items():
            if isinstance(metric, kind):
                for suffix in suffixes:
                    labels = {*metric._labelnames, "le"} if suffix == "_bucket" else set(metric._labelnames)
                    series[metric._name + suffix] = frozenset(labels)
    return series


def unknown_in(query: str) -> Iterator[str]:
    """What a query asks for and nobody exports: a name, or a label in its braces."""
    series = exported()
    for name, matchers in _ASKED.findall(query):
        if name not in series:
            yield name
            continue
        for label in _MATCHER.findall(matchers):
            if label not in series[name] and label != "job":
                yield f"{name}{{{label}}}"
