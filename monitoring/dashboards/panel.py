"""What a dashboard consists of."""

from typing import Literal

from msgspec import Struct

Kind = Literal["timeseries", "stat"]


class Query(Struct, frozen=True):
    """PromQL, and how its series are named (`{{label}}`)."""

    expression: str
    legend: str = ""


class Panel(Struct, frozen=True, kw_only=True):
    """One picture. `width` is in 24ths of the page; `limits` are values at which a number turns yellow and red."""

    title: str
    help: str
    queries: tuple[Query, ...]
    unit: str
    kind: Kind
    width: int
    limits: tuple[float, float] | None = None


class Dashboard(Struct, frozen=True, kw_only=True):
    """One page: rows of panels under their titles. `variables`: labels to choose a value of, and whose they are."""

    uid: str
    title: str
    help: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    variables: tuple[tuple[str, str], ...] = ()


def graph(title: str, help_text: str, unit: str, *queries: tuple[str, str], width: int = 8) -> Panel:
    """Lines over time; each query is PromQL and a legend."""
    asked = tuple(Query(*query) for query in queries)
    return Panel(title=title, help=help_text, queries=asked, unit=unit, kind="timeseries", width=width)


def number(title: str, help_text: str, unit: str, query: str, limits: tuple[float, float] | None = None) -> Panel:
    """One number, large."""
    return Panel(title=title, help=help_text, queries=(Query(query),), unit=unit, kind="stat", width=4, limits=limits)
