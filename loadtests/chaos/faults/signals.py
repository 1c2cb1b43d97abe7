"""Processes killed (-9) and frozen (SIGSTOP)."""

import random
import signal
from collections.abc import Mapping
from typing import ClassVar, Literal

import trio

from loadtests.chaos.evidence import Figure
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.chaos.takeovers import acked_while_frozen, sent_after_takeover, takeover_p99
from loadtests.stand.workers import send

Role = Literal["gateway", "pusher", "store", "serve"]


def choose(scene: Scene, roles: Role | tuple[Role, ...], chance: random.Random) -> str:
    """One of the processes that the roles stand for, whether it lives just now or not."""
    options = scene.stand.options
    counts = {"gateway": options.gateways, "pusher": options.pushers}
    role = roles if isinstance(roles, str) else chance.choice(roles)
    return f"{role}-{chance.randrange(counts[role])}" if role in counts else role


class Kill(Fault, frozen=True, kw_only=True, tag="kill"):
    """Kill a process at once. `serve` brings back its workers and the embedded store.

    What nobody would bring back (`serve`, a store of the stand's own) is started again after `down_seconds`.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "takeover_p99_seconds": Figure(
            "from a pusher's death until another sends what it had claimed: 99 % at most so long",
            takeover_p99,
        ),
    }

    target: Role | tuple[Role, ...]
    down_seconds: float = 0

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        stand = scene.stand
        target = choose(scene, self.target, chance)
        happening = scene.begin("kill", target)
        if not send(scene.pid(target), signal.SIGKILL):
            happening.note = "was gone already"
            return
        if target.startswith("pusher"):
            happening.claims = await scene.claimed()
        if target == "serve":
            await stand.serve.end(signal.SIGKILL)
            await trio.sleep(self.down_seconds)
            await stand.start_serve()
        elif target == "store":
            if stand.store is not None:
                await stand.store.process.end(signal.SIGKILL)
                await trio.sleep(self.down_seconds)
                await stand.store.process.start()
            await scene.store_serves()
        else:
            return
        happening.healed = trio.current_time()


class Freeze(Fault, frozen=True, kw_only=True, tag="freeze"):
    """Stop a process for some seconds, as a long pause of its machine would, and let it go on."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "acked_while_frozen": Figure("acknowledged while the store was frozen", acked_while_frozen),
        "sent_after_takeover": Figure(
            "sends by a pusher that went on after another had sent the same push meanwhile",
            sent_after_takeover,
        ),
    }

    target: Role | tuple[Role, ...]
    seconds: float

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        target = choose(scene, self.target, chance)
        happening = scene.begin("freeze", target)
        pid = scene.pid(target)
        if not send(pid, signal.SIGSTOP):
            happening.note = "was gone already"
            return
        if target.startswith("pusher"):
            happening.claims = await scene.claimed()
        try:
            await trio.sleep(self.seconds)
        finally:
            happening.healed = trio.current_time()
            send(pid, signal.SIGCONT)
