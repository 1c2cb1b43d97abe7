"""A gateway that has no descriptor left for another connection."""

import random
import resource
from pathlib import Path
from typing import Annotated

import msgspec
import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.faults.signals import choose
from loadtests.chaos.scene import Scene


class Descriptors(Fault, frozen=True, kw_only=True, tag="descriptors"):
    """Leave a gateway `spare` descriptors beyond those it has open, for some seconds."""

    seconds: float
    spare: Annotated[int, msgspec.Meta(ge=0)] = 0

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        target = choose(scene, "gateway", chance)
        happening = scene.begin("descriptors", target)
        pid = scene.pid(target)
        try:
            opened = _opened(pid)
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened + self.spare, before[1]))
            await trio.sleep(self.seconds)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        except OSError:
            happening.note = "was gone already"
        happening.healed = trio.current_time()


def _opened(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
