"""What every fault is: when it comes, what it needs of the machine, and how it is committed."""

import random
from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from loadtests.chaos.evidence import Figure
from loadtests.chaos.moment import Moment, parse_moment
from loadtests.chaos.scene import Scene
from loadtests.platform.options import SimulatorOptions


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault"):
    """One entry of a scenario's `[[faults]]`.

    It comes at `at`: seconds since the load began, or a share of the callbacks as in `"50%"`. With `every` seconds it
    comes again, `times` times, or until the generators are done where `times` is 0.
    """

    figures: ClassVar[Mapping[str, Figure]] = {}
    """What is measured of it, beside the figures of any run."""

    at: str | float = 0.0
    every: float = 0
    times: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError for times that are none."""
        parse_moment(self.at)
        if self.every < 0 or self.times < 0 or (self.times > 1 and not self.every):
            raise ValueError("`every` must be above 0 for a fault that comes several times")

    @property
    def moment(self) -> Moment:
        return parse_moment(self.at)

    def missing(self) -> str:
        """What this machine lacks for it, in a few words; empty if nothing."""
        return ""

    def platform(self, options: SimulatorOptions) -> SimulatorOptions:
        """The platform it needs, made of the scenario's."""
        return options

    def configuration(self, platform: SimulatorOptions) -> str:
        """What it needs in the stand's configuration, with `{platform}` for the platform's address."""
        return ""

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        """Commit it and heal what can be healed; note what happened in the scene. `chance` is this time's own."""
        raise NotImplementedError
