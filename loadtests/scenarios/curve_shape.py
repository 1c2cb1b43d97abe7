"""A scenario's curve as a Locust shape: as many users as bring about the rate of the moment."""

import time
from typing import ClassVar

from locust import LoadTestShape

from loadtests.scenarios.catalog import Plan, Scenario
from loadtests.scenarios.rig import options_of

TICK_SECONDS = 1.0
"""How often Locust asks a shape."""


class CurveShape(LoadTestShape):
    """Follows `scenario`'s curve to its end, and ends the test there."""

    abstract = True
    scenario: ClassVar[Scenario]

    _plan: Plan | None = None

    def reset_time(self) -> None:
        """A test starts, perhaps with other options than the one before."""
        self.start_time = time.perf_counter()
        self._plan = None

    def tick(self) -> tuple[int, float] | None:
        """The users until the next tick, all of them at once."""
        if self._plan is None:
            assert self.runner is not None  # noqa: S101 – Locust sets it before it asks
            self._plan = options_of(self.runner.environment).plan(self.scenario)
        passed = time.perf_counter() - self.start_time
        if passed >= self._plan.seconds:
            return None
        # The second figure is how many may start or stop in a second: all of them, or the curve's falls would be late.
        return self._plan.users_between(passed, passed + TICK_SECONDS), float(self._plan.peak_users)
