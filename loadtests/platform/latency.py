"""How long answers take: fixed, log-normal or exponential, and a slow tail on top of any of them."""

import random
from typing import Literal

from msgspec import Struct

Shape = Literal["fixed", "lognormal", "exponential"]


class LatencyRules(Struct, frozen=True, kw_only=True):
    """Times in seconds. `jitter` is the sigma of the log-normal factor; `slow_share` of answers take `slow` instead.

    The slow tail with a fixed `typical` is the two-point distribution.
    """

    typical: float = 0
    shape: Shape = "lognormal"
    jitter: float = 0
    slow_share: float = 0
    slow: float = 0


class Latency:
    """Draws one delay after the other; a seed repeats them."""

    def __init__(self, rules: LatencyRules, seed: int) -> None:
        self._random = random.Random(seed)
        self.set_rules(rules)

    def set_rules(self, rules: LatencyRules) -> None:
        self._rules = rules
        self._fixed = not rules.slow_share and (
            rules.shape == "fixed" or not rules.typical or (rules.shape == "lognormal" and not rules.jitter)
        )

    def draw(self) -> float:
        """Seconds until the next answer."""
        rules = self._rules
        if self._fixed:
            return rules.typical
        if rules.slow_share and self._random.random() < rules.slow_share:
            return rules.slow
        if rules.shape == "exponential":
            return self._random.expovariate(1 / rules.typical) if rules.typical else 0
        if rules.shape == "lognormal" and rules.jitter:
            return rules.typical * self._random.lognormvariate(0, rules.jitter)
        return rules.typical
