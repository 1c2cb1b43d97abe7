"""How often and when a webhook is tried; does no I/O."""

import random

PAUSES_SECONDS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 43_200.0)
"""Between tries: eleven in all, over a day and more. A push that owes a webhook is kept two days (`finishing.lua`)."""
SPREAD = 0.2


def pause_before_next(tries: int, rng: random.Random) -> float | None:
    """Seconds to wait after the failure of a try that `tries` others came before; None: it was the last."""
    if tries >= len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[tries] * rng.uniform(1, 1 + SPREAD)
