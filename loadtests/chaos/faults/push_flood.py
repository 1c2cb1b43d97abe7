"""An upstream that floods the push interface, beside upstreams that use it as ever."""

import random
from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec
import trio

from loadtests.chaos.evidence import Figure, total
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.faults.small_senders import SMALL_SENDERS
from loadtests.chaos.scene import Scene
from loadtests.fairness.intake import compare, configuration
from loadtests.platform.options import SimulatorOptions


class PushFlood(Fault, frozen=True, kw_only=True, tag="push_flood"):
    """Let `small` upstreams enqueue alone, then beside one that floods, for `seconds` each.

    That one may enqueue `per_second` (0: no limit), and does not care. What the small ones wait is from a request to
    its answer.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        **SMALL_SENDERS,
        "flood_refused": Figure("requests of a flooding upstream that were told to wait", total("flood_refused")),
    }

    small: Annotated[int, msgspec.Meta(ge=1)]
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 20
    per_second: Annotated[float, msgspec.Meta(ge=0)] = 500

    def configuration(self, platform: SimulatorOptions) -> str:
        return configuration(self.small, self.per_second)

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("push_flood", f"beside {self.small} upstreams")
        taken = await compare(scene.stand, self.small, self.seconds)
        happening.healed = trio.current_time()
        happening.measured |= {
            "small_p99_seconds": taken.beside_p99,
            "small_p99_ratio": taken.p99_ratio,
            "small_missing": float(taken.refused),
            "flood_refused": float(taken.flood["429"]),
        }
