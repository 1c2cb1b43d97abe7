"""The receipts of a mass notice: every message that was sent is reported back, within a minute or two."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.platform_user import PlatformUser


class StormShape(CurveShape):
    """Full force almost at once, then stragglers."""

    scenario = find("receipts_storm")


class Reporter(PlatformUser):
    """Receipts for pushes this gateway did not send: the costlier case, as each is kept for a settle to come."""

    @tag("receipt")
    @task
    def report(self) -> None:
        self.deliver(self.rig.people.receipt())
