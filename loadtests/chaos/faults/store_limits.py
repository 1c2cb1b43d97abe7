"""A store with no room: its memory limit reached, its disk full."""

import os
import random
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene

_MEBIBYTE = 1_048_576


class OutOfMemory(Fault, frozen=True, kw_only=True, tag="out_of_memory"):
    """The store's `maxmemory` lies below what it holds, for some seconds: it refuses every write."""

    seconds: float

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("out_of_memory", "store")
        before = await trio.to_thread.run_sync(scene.client.config_get, "maxmemory")
        await trio.to_thread.run_sync(scene.client.config_set, "maxmemory", "1mb")
        await trio.sleep(self.seconds)
        await trio.to_thread.run_sync(scene.client.config_set, "maxmemory", before["maxmemory"])
        happening.healed = trio.current_time()


class DiskFull(Fault, frozen=True, kw_only=True, tag="disk_full"):
    """The store's disk (`data_megabytes` in `[stand]`) is full for some seconds.

    With `appendfsync always` the store ends itself then, and cannot start before there is room.
    """

    seconds: float

    def missing(self) -> str:
        return "" if _can_mount() else "permission to mount a tmpfs"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        stand = scene.stand
        happening = scene.begin("disk_full", "store")
        if not stand.options.data_megabytes:
            happening.note = "needs data_megabytes: the machine's own disk is not filled"
            return
        ballast = stand.data / "ballast"
        _fill(ballast, stand.options.data_megabytes)
        await trio.sleep(self.seconds)
        ballast.unlink()
        if stand.store is not None and not await scene.serves():
            await stand.store.process.end()
            await stand.store.process.start()
        await scene.store_serves()
        happening.healed = trio.current_time()


def _fill(file: Path, megabytes: int) -> None:
    with file.open("wb", buffering=0) as ballast:
        try:
            for _ in range(megabytes):
                ballast.write(bytes(_MEBIBYTE))
            while ballast.write(bytes(4096)):
                pass
        except OSError:
            return


@cache
def _can_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tidegate", folder]
        if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603  our own words
            return False
        subprocess.run(["umount", folder], check=False)  # noqa: S603, S607  like its neighbour
        return True
