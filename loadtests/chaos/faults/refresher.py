"""The death of the one process that all others wait for: it asks the platform for an access token."""

import random
import signal

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.processes import send
from loadtests.chaos.scene import Scene, until


class KillRefresher(Fault, frozen=True, kw_only=True, tag="kill_refresher"):
    """End all tokens while the platform's token endpoint is silent, and kill whoever waits for it.

    The endpoint is well again just before, so that whoever takes the refresh over is answered.
    """

    async def commit(self, scene: Scene, chance: random.Random) -> None:  # noqa: ARG002  nothing is left to chance
        silent = {"fault": "no_answer", "api": "stable_token"}
        await scene.tell("faults", {**scene.well, "rules": [silent]})
        await scene.tell("tokens/invalidate", {})
        await until(scene.refresher)
        await scene.tell("faults", scene.well)
        pid = await scene.refresher()
        claims = await scene.claimed()
        happening = scene.begin("kill", "pusher, refreshing")
        if send(pid, signal.SIGKILL):
            happening.claims = claims
        else:
            happening.note = "was gone already"
