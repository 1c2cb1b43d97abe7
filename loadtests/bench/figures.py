"""The arithmetic of interleaved runs: medians of each side, and the ratios round by round."""

from collections.abc import Mapping, Sequence
from statistics import median

Row = Mapping[str, float]
"""One run's figures by name."""


def medians(rows: Sequence[Row]) -> dict[str, float]:
    """Each figure's median over the rounds."""
    return {name: round(median(row[name] for row in rows), 2) for name in rows[0]}


def ratios(ours: Sequence[Row], peers: Sequence[Row], names: Sequence[str]) -> dict[str, float]:
    """The median over the rounds of ours / the peer's in the *same* round: what drifts slowly cancels out."""
    pairs = list(zip(ours, peers, strict=True))
    return {name: round(median(one[name] / other[name] for one, other in pairs), 3) for name in names}
