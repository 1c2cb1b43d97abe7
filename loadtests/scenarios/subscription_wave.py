"""A pop-up window asks everybody in QQ to follow the account: tens of thousands do within a minute."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.platform_user import PlatformUser


class WaveShape(CurveShape):
    """Nothing, the wave, and its tail."""

    scenario = find("subscription_wave")


class Newcomers(PlatformUser):
    """Most only follow; some look at the menu, and a few ask something at once."""

    @tag("subscribe")
    @task(8)
    def follow(self) -> None:
        self.deliver(self.rig.people.follow())

    @tag("menu")
    @task(1)
    def look_around(self) -> None:
        self.deliver(self.rig.people.click())

    @tag("text")
    @task(1)
    def ask(self) -> None:
        self.deliver(self.rig.people.question())
