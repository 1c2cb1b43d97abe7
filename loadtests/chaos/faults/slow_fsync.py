"""A disk that takes its time."""

import random
import shutil

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.chaos.tracer import tracing


class SlowFsync(Fault, frozen=True, kw_only=True, tag="slow_fsync"):
    """Each fsync of the store takes `fsync_ms` longer, for some seconds."""

    fsync_ms: float
    seconds: float

    def missing(self) -> str:
        return "" if shutil.which("strace") else "strace"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("slow_fsync", "store")
        delay = f"inject=fdatasync:delay_enter={int(self.fsync_ms * 1000)}"
        async with tracing(scene.pid("store"), scene.stand.folder / "slow", ["-e", "trace=fdatasync", "-e", delay]):
            await trio.sleep(self.seconds)
        happening.healed = trio.current_time()
