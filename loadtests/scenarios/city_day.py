"""A city's day: people ask for fines, appointments and notices, and the offices behind it push their news."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.platform_user import PlatformUser
from loadtests.scenarios.upstream_user import UpstreamUser

QUERIES = 15
"""For each push, as 300,000 to 20,000 are."""


class DayShape(CurveShape):
    """Midnight to midnight."""

    scenario = find("city_day")


class Citizens(PlatformUser):
    """People who ask: by text, by the menu, by scanning a code at a counter."""

    weight = QUERIES

    @tag("query")
    @task(3)
    def ask(self) -> None:
        self.deliver(self.rig.people.question())

    @tag("query")
    @task(2)
    def tap(self) -> None:
        self.deliver(self.rig.people.click())


class Offices(UpstreamUser):
    """Systems that push one notice at a time, as things happen."""

    weight = 1

    @tag("push")
    @task
    def notify(self) -> None:
        self.enqueue(1, "push")
