"""The wall clock moved, for `serve` and all it starts, and back."""

import random

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.stand.faketime import find_libfaketime, set_clock


class MoveClock(Fault, frozen=True, kw_only=True, tag="clock"):
    """The wall clock jumps by some seconds, and back after a while."""

    by_seconds: int
    seconds: float

    def missing(self) -> str:
        return "" if find_libfaketime() else "libfaketime (or LIBFAKETIME, naming the library)"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("clock", f"{self.by_seconds:+d} s")
        file = scene.stand.clock_file
        set_clock(file, self.by_seconds)
        await trio.sleep(self.seconds)
        set_clock(file, 0)
        happening.healed = trio.current_time()
