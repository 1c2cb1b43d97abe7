"""Percentiles of what was measured."""

import math
from collections.abc import Sequence


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that a share (0..1] of all do not exceed, by nearest rank; 0 of nothing. `ordered` ascends."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
