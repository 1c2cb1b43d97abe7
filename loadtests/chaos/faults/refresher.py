"""The death of the one process that all others wait for: it asks the platform for an access token."""

import random
import signal
from collections.abc import Mapping
from typing import ClassVar

from loadtests.chaos.evidence import Evidence, Figure, longest_wait
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene, until
from loadtests.stand.workers import send

_TARGET = "pusher, refreshing"


def _token_again_seconds(evidence: Evidence) -> float | None:
    return longest_wait([each.began for each in evidence.of("kill", _TARGET) if not each.note], evidence.sends)


class KillRefresher(Fault, frozen=True, kw_only=True, tag="kill_refresher"):
    """End all tokens while the platform's token endpoint is silent, and kill whoever waits for it.

    The endpoint is well again just before, so that whoever takes the refresh over is answered.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "token_again_seconds": Figure(
            "from a refresher's death to the next push that the platform took, the longest",
            _token_again_seconds,
        ),
    }

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        silent = {"fault": "no_answer", "api": "stable_token"}
        await scene.tell("faults", {**scene.well, "rules": [silent]})
        await scene.tell("tokens/invalidate", {})
        await until(scene.refresher)
        await scene.tell("faults", scene.well)
        pid = await scene.refresher()
        claims = await scene.claimed()
        happening = scene.begin("kill", _TARGET)
        if send(pid, signal.SIGKILL):
            happening.claims = claims
        else:
            happening.note = "was gone already"
