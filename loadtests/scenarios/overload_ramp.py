"""More than it can do: one, two, five and ten times the capacity, and back to one."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.platform_user import PlatformUser


class RampShape(CurveShape):
    """Stairs; the last step shows whether it recovers."""

    scenario = find("overload_ramp")


class Caller(PlatformUser):
    """One callback a second each, so that many are needed and a slow answer holds back little of the rest."""

    @tag("callback")
    @task
    def call(self) -> None:
        self.deliver(self.rig.people.anything())
