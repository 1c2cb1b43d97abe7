"""A spike of callbacks of every kind."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.platform_user import PlatformUser


class SpikeShape(CurveShape):
    """A trickle, the spike, and its decay."""

    scenario = find("callback_spike")


class SpikeCaller(PlatformUser):
    """One of the platform's connections during the spike."""

    @tag("callback")
    @task
    def call(self) -> None:
        self.deliver(self.rig.people.anything())
