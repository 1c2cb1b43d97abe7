"""Everything replaced in good order: a rolling restart, and SIGTERM with a new start."""

import random
import signal
from collections.abc import Mapping
from typing import ClassVar, Literal

import trio

from loadtests.chaos.evidence import Figure, most
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene, until
from loadtests.stand.workers import send, workers

_REPLACED_SECONDS = 60.0


class Restart(Fault, frozen=True, kw_only=True, tag="restart"):
    """`rolling`: SIGHUP, which replaces the workers one by one. `stop`: SIGTERM, and a new start once it has ended."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "drained_seconds": Figure("the longest from SIGTERM to the end of `serve`", most("drained_seconds")),
    }

    how: Literal["rolling", "stop"] = "rolling"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        serve = scene.stand.serve
        happening = scene.begin("restart", self.how)
        if self.how == "stop":
            happening.measured["drained_seconds"] = await serve.end(signal.SIGTERM)
            await scene.stand.start_serve()
        else:
            happening.note = await replace_workers(serve.pid)
        happening.healed = trio.current_time()


async def replace_workers(serve_pid: int) -> str:
    """Send SIGHUP and wait until every worker is another one; what went wrong, or empty."""
    before = set(workers(serve_pid).values())
    send(serve_pid, signal.SIGHUP)

    async def replaced() -> bool:
        await trio.lowlevel.checkpoint()
        now = set(workers(serve_pid).values())
        return len(now) == len(before) and not now & before

    with trio.move_on_after(_REPLACED_SECONDS) as scope:
        await until(replaced)
    return "not all workers were replaced" if scope.cancelled_caught else ""
