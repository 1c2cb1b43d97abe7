"""Power loss: what was not fsynced is gone.

How it works: a killed process leaves its written data with the kernel, a lost machine does not. So the store's writes
to its append-only file and its fsyncs are traced (strace); after the kill the file is cut to where the last completed
fsync found it, and the store starts from that.
"""

import os
import random
import re
import shutil
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import trio

from loadtests.chaos.evidence import Figure, total
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.chaos.tracer import tracing

_WRITTEN = re.compile(r"\bwrite\(.*= (\d+)(?: \(.*\))?$")
_SYNCED = re.compile(r"\b(?:fdatasync|fsync)\(.*= 0(?: \(.*\))?$")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>.*= (\d+)(?: \(.*\))?$")

_PATIENCE_SECONDS = 5.0  # until the store writes something
_LOOK_SECONDS = 0.002


class PowerLoss(Fault, frozen=True, kw_only=True, tag="power_loss"):
    """Trace the store from `at` on, cut its power `after_seconds` later, and start it again `down_seconds` after that.

    Each fsync is made to take `fsync_ms` longer, and the power fails between a write and its fsync.
    `beyond_bytes` cuts that much more, which must then be seen as a loss: the proof that the test would see one.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "cut_bytes": Figure("bytes of the append-only file that a power loss took", total("cut_bytes")),
    }

    after_seconds: float = 1.0
    down_seconds: float = 0
    fsync_ms: float = 60
    beyond_bytes: int = 0

    def missing(self) -> str:
        return "" if shutil.which("strace") else "strace"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        store = scene.stand.store
        happening = scene.begin("power_loss", "store")
        if store is None:
            happening.note = "needs a store of the stand's own"
            return
        file, trace = store.append_only_file, scene.stand.folder / "fsyncs"
        delay = f"inject=fdatasync:delay_enter={int(self.fsync_ms * 1000)}"
        only = ["-e", "trace=write,fdatasync,fsync", "-e", delay, "-P", str(file)]
        # Attached while the process is stopped: so the file's size is known at the trace's first line.
        os.kill(store.process.pid, signal.SIGSTOP)
        base = file.stat().st_size
        async with tracing(store.process.pid, trace, only):
            os.kill(store.process.pid, signal.SIGCONT)
            await trio.sleep(self.after_seconds)
            with trio.move_on_after(_PATIENCE_SECONDS):
                while not awaits_fsync(trace.read_text()):  # noqa: ASYNC110  nobody sets an event
                    await trio.sleep(_LOOK_SECONDS)
            await store.process.end(signal.SIGKILL)
        if not trace.stat().st_size:
            happening.note = "nothing was traced: ptrace is not allowed here"
        else:
            happening.measured["cut_bytes"] = float(_cut(file, base + synced(trace.read_text().splitlines()), self))
        await trio.sleep(self.down_seconds)
        await store.process.start()
        happening.healed = trio.current_time()


def awaits_fsync(trace: str) -> bool:
    """Whether the last of what was traced is no fsync that has completed; that may be one that has begun."""
    last = trace.rstrip("\n").rpartition("\n")[2]
    return bool(last) and not (_SYNCED.search(last) or _RESUMED.search(last))


def synced(lines: Iterable[str]) -> int:
    """How many bytes the traced writes had written when the last fsync that completed began."""
    written = durable = asked = 0
    for line in lines:
        if re.search(r"\b(?:fdatasync|fsync)\(", line):
            asked = written
        if match := _WRITTEN.search(line):
            written += int(match[1])
        elif _SYNCED.search(line):
            durable = asked
        elif match := _RESUMED.search(line):
            if match[1] == "write":
                written += int(match[2])
            else:
                durable = asked
    return durable


def _cut(file: Path, size: int, fault: PowerLoss) -> int:
    """Cut the file; how many bytes went."""
    before = file.stat().st_size
    after = max(0, min(before, size - fault.beyond_bytes))
    os.truncate(file, after)
    return before - after
