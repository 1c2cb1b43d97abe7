"""Upstreams enqueue: single pushes as things happen, and whole batches at the end of a day's run."""

from locust import tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.upstream_user import UpstreamUser

BATCH = 500


class EnqueueShape(CurveShape):
    """The same all the time."""

    scenario = find("upstream_enqueue")


class Upstreams(UpstreamUser):
    """One user for both, so that `--tags batch` or `--tags single` gives the same number of requests of one kind."""

    @tag("single")
    @task(50)
    def enqueue_one(self) -> None:
        self.enqueue(1, "push")

    @tag("batch")
    @task(1)
    def enqueue_batch(self) -> None:
        self.enqueue(BATCH, f"batch of {BATCH}")
