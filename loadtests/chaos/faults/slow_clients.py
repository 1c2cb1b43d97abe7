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
from loadtests.generators.slow_clients import Held
from loadtests.percentiles import percentile


def _p99_ratio(evidence: Evidence) -> float | None:
    there = evidence.of("slow_clients")
    if not there:
        return None
    spike = evidence.rehearsed.spike
    began, healed = there[0].began - spike.began, there[0].healed - spike.began
    acked = [row for row in spike.rows if row.acked]
    before = percentile(sorted(row.latency for row in acked if row.began < began), 0.99)
    meanwhile = percentile(sorted(row.latency for row in acked if began <= row.began < healed), 0.99)
    return round(meanwhile / before, 2) if before and meanwhile else None


class SlowClients(Fault, frozen=True, kw_only=True, tag="slow_clients"):
    """Hold `silent` and `dripping` connections open for some seconds (`loadtests.generators.slow_clients`)."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "slow_clients_opened": Figure("connections that slow clients opened", total("slow_clients_opened")),
        "held_open_seconds": Figure(
            "the longest that a connection without a whole request was left open", most("held_open_seconds")
        ),
        "slow_clients_p99_ratio": Figure(
            "p99 of callbacks begun while slow clients were there, as a multiple of that before it",
            _p99_ratio,
        ),
    }

    silent: Annotated[int, msgspec.Meta(ge=0)] = 0
    dripping: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: float

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("slow_clients", f"{self.silent} silent, {self.dripping} dripping")
        words = {"silent": self.silent, "dripping": self.dripping, "seconds": self.seconds}
        flags = [f"--{name}={word}" for name, word in words.items()]
        command = [sys.executable, "-m", "loadtests.generators.slow_clients", scene.stand.gateway_url, *flags]
        ended = await trio.run_process(command, check=False, capture_stdout=True)
        happening.healed = trio.current_time()
        try:
            held = msgspec.json.decode(ended.stdout, type=Held)
        except msgspec.MsgspecError:
            happening.note = "they did not come"
            return
        happening.measured |= {"slow_clients_opened": float(held.opened), "held_open_seconds": held.longest}
