"""What a scenario expects of a figure, and whether it was met."""

from msgspec import Struct


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """At most and at least, both included; None is no bound."""

    most: float | None = None
    least: float | None = None


Expected = int | float | Bounds
"""An exact value, or `{ most = 5, least = 1 }`."""


class Judged(Struct, frozen=True):
    """One expectation beside what was measured; `measured` is None where there was nothing to measure."""

    expected: str
    measured: float | None
    met: bool


ALWAYS: dict[str, Expected] = {
    "lost": 0,
    "appended_twice": 0,
    "delivered_twice": 0,
    "misplaced": 0,
    "waiting": 0,
    "leaked": 0,
}
"""Expected of every scenario that does not say otherwise."""


def judge(expected: Expected, measured: float | None) -> Judged:
    """Hold a figure to what is expected of it; what was not measured is not met."""
    bounds = expected if isinstance(expected, Bounds) else Bounds(most=expected, least=expected)
    met = measured is not None and (
        (bounds.most is None or measured <= bounds.most) and (bounds.least is None or measured >= bounds.least)
    )
    return Judged(_said(bounds), measured, met)


def _said(bounds: Bounds) -> str:
    if bounds.most is not None and bounds.most == bounds.least:
        return f"{bounds.most:g}"
    parts = [f"at least {bounds.least:g}" if bounds.least is not None else ""]
    parts.append(f"at most {bounds.most:g}" if bounds.most is not None else "")
    return " and ".join(filter(None, parts))
