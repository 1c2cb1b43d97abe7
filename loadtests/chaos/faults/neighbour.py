"""A neighbour that enqueues everything at once, or whose platform is dead, beside senders that send a little."""

import random
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import msgspec
import trio

from loadtests.chaos.evidence import Figure
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.faults.small_senders import SMALL_SENDERS
from loadtests.chaos.scene import Scene
from loadtests.fairness.neighbour import compare
from loadtests.fairness.senders import configuration, senders
from loadtests.platform.options import SimulatorOptions

_NEIGHBOURS = {"upstreams": "an upstream that floods", "accounts": "an account whose platform is silent"}


class Neighbour(Fault, frozen=True, kw_only=True, tag="neighbour"):
    """Let `small` senders send alone, then beside a neighbour with `pushes`, for `seconds` each; `rounds` of both.

    They are `upstreams` of the neighbour's account, or `accounts` of their own that may send `per_second`; then the
    neighbour's platform, which must be `proxied`, is silent meanwhile. What they wait is from when a push was planned
    until the platform has it.
    """

    figures: ClassVar[Mapping[str, Figure]] = SMALL_SENDERS

    beside: Literal["upstreams", "accounts"]
    small: Annotated[int, msgspec.Meta(ge=1)]
    pushes: Annotated[int, msgspec.Meta(ge=1)] = 20_000
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 20
    rounds: Annotated[int, msgspec.Meta(ge=1)] = 1
    per_second: Annotated[int, msgspec.Meta(ge=1)] = 400

    def configuration(self, platform: SimulatorOptions) -> str:
        return configuration(self.beside, self.small, platform, self.per_second)

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("neighbour", f"{_NEIGHBOURS[self.beside]}, beside {self.small} others")
        if self.beside == "accounts" and "platform" not in scene.stand.proxies:
            happening.note = 'needs proxied = ["platform"]'
            return
        small = senders(self.beside, self.small)
        measured = await compare(
            scene.stand,
            self.beside,
            small,
            rounds=self.rounds,
            seconds=self.seconds,
            flood=self.pushes,
            chance=chance,
        )
        happening.healed = trio.current_time()
        scene.progress.pushes += measured.neighbour
        happening.measured |= {
            "small_p99_seconds": measured.beside_p99,
            "small_p99_ratio": measured.p99_ratio,
            "small_missing": float(measured.missing),
        }
