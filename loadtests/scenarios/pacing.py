"""A Locust user that begins its arrivals at the scenario's pace."""

import time
from typing import Any

import gevent
from locust.contrib.fasthttp import FastHttpUser, ResponseContextManager

from loadtests.scenarios.outcomes import record
from loadtests.scenarios.rig import Rig, rig_of

REQUEST_SECONDS = 5.0
"""How long one request may take: the platform's own limit (§1.4)."""


class PacedUser(FastHttpUser):
    """Begins one arrival every `1 / per_user` seconds, and makes up for none it was kept from.

    Catching up would offer a recovering gateway more than the plan says; what is missing shows in the run's verdict.
    """

    abstract = True
    concurrency = 1
    network_timeout = REQUEST_SECONDS
    connection_timeout = REQUEST_SECONDS

    rig: Rig
    _due: float = 0.0

    def on_start(self) -> None:
        """Users are made in bursts: each waits for a random part of its pace, so that they do not call in step."""
        self.rig = rig_of(self.environment)
        gevent.sleep(self.rig.random.random() / self.rig.plan.per_user)
        self._due = time.perf_counter()

    def wait_time(self) -> float:
        """Seconds until the next arrival is due."""
        now = time.perf_counter()
        self._due = max(now, self._due + 1 / self.rig.plan.per_user)
        return self._due - now

    def post(self, url: str, name: str, body: bytes, headers: dict[str, str]) -> ResponseContextManager:
        """One request; the caller says in a `with` block whether it succeeded."""
        # Locust's annotation has no bytes, its code passes them on as they are.
        data: Any = body
        return self.client.request("POST", url, name=name, data=data, headers=headers, catch_response=True)

    def record(self, outcome: str, of: str, seconds: float) -> None:
        record(self.environment, outcome, of, seconds)
