"""How long to wait after failures: exponential back-off with full jitter; does no I/O.

Uniformly between 0 and a bound that doubles, so that what failed together does not come back together.
"""

import random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0
_MAX_EXPONENT = 16  # beyond it the bound is long reached, and a power might overflow


def backoff(
    failures: int, rng: random.Random, *, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS
) -> float:
    """Seconds to wait after a failure that `failures` others came before."""
    return rng.uniform(0, min(longest, first * 2.0 ** min(failures, _MAX_EXPONENT)))
