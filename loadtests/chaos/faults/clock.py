"""The wall clock moved, for `serve` and all it starts, and back."""

import os
import random
from pathlib import Path

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene

_PLACES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
)


def find_libfaketime() -> str:
    """The library to load; LIBFAKETIME names one elsewhere. Empty if there is none."""
    return next(
        (place for place in (os.environ.get("LIBFAKETIME", ""), *_PLACES) if place and Path(place).exists()), ""
    )


class MoveClock(Fault, frozen=True, kw_only=True, tag="clock"):
    """The wall clock jumps by some seconds, and back after a while."""

    by_seconds: int
    seconds: float

    def missing(self) -> str:
        return "" if find_libfaketime() else "libfaketime (or LIBFAKETIME, naming the library)"

    async def commit(self, scene: Scene, chance: random.Random) -> None:  # noqa: ARG002  nothing is left to chance
        happening = scene.begin("clock", f"{self.by_seconds:+d} s")
        file = scene.stand.clock_file
        file.write_text(f"{self.by_seconds:+d}\n")
        await trio.sleep(self.seconds)
        file.write_text("+0\n")
        happening.healed = trio.current_time()
