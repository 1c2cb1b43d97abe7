"""Thousands of clients that take up connections and time, beside the honest load."""

import random
import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec
import trio

from loadtests.chaos.evidence import Evidence, Figure, most, total
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.generators.crowd import Held
from loadtests.percentiles import percentile


def _crowded_p99_ratio(evidence: Evidence) -> float | None:
    crowds = evidence.of("crowd")
    if not crowds:
        return None
    spike = evidence.rehearsed.spike
    began, healed = crowds[0].began - spike.began, crowds[0].healed - spike.began
    acked = [row for row in spike.rows if row.acked]
    before = percentile(sorted(row.latency for row in acked if row.began < began), 0.99)
    meanwhile = percentile(sorted(row.latency for row in acked if began <= row.began < healed), 0.99)
    return round(meanwhile / before, 2) if before and meanwhile else None


class Crowd(Fault, frozen=True, kw_only=True, tag="crowd"):
    """Hold `silent` and `dripping` connections open for some seconds (`loadtests.generators.crowd`)."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "crowd_opened": Figure("connections that a crowd opened", total("crowd_opened")),
        "held_open_seconds": Figure(
            "the longest that a connection without a whole request was left open", most("held_open_seconds")
        ),
        "crowded_p99_ratio": Figure(
            "p99 of callbacks begun while a crowd was there, as a multiple of that before it",
            _crowded_p99_ratio,
        ),
    }

    silent: Annotated[int, msgspec.Meta(ge=0)] = 0
    dripping: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: float

    async def commit(self, scene: Scene, chance: random.Random) -> None:  # noqa: ARG002  nothing is left to chance
        happening = scene.begin("crowd", f"{self.silent} silent, {self.dripping} dripping")
        words = {"silent": self.silent, "dripping": self.dripping, "seconds": self.seconds}
        flags = [f"--{name}={word}" for name, word in words.items()]
        command = [sys.executable, "-m", "loadtests.generators.crowd", scene.stand.gateway_url, *flags]
        ended = await trio.run_process(command, check=False, capture_stdout=True)
        happening.healed = trio.current_time()
        try:
            held = msgspec.json.decode(ended.stdout, type=Held)
        except msgspec.MsgspecError:
            happening.note = "the crowd did not come"
            return
        happening.measured |= {"crowd_opened": float(held.opened), "held_open_seconds": held.longest}
