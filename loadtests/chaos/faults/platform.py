"""Trouble on the platform's side, through the simulator's controls."""

import random
import signal
from typing import Literal

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.processes import send
from loadtests.chaos.scene import Scene
from loadtests.stand.simulator import clear_quota

_TROUBLE = {
    "down": {"no_answer": 0.5, "http_500": 0.5},
    "busy": {"-1": 1.0},
    "garbage": {"garbage": 1.0},
    "silent": {"no_answer": 1.0},
    "doubtful": {"lost_answer": 0.5},
}


class PlatformTrouble(Fault, frozen=True, kw_only=True, tag="platform"):
    """`how` the platform behaves for some seconds.

    `down` answers 500 or nothing, `busy` says -1, `garbage` answers what is no JSON, `silent` nothing, `doubtful` takes
    half of the sends and hangs up, `slow` takes `latency_ms`, `flapping` is down and well by turns of half a second,
    `frozen` does not run at all, `tokens` invalidates all tokens at once. `no_quota`: somebody else has spent what was
    left of the day's quota, and after `seconds` the account's owner clears it.
    """

    how: Literal["down", "busy", "garbage", "silent", "doubtful", "slow", "flapping", "frozen", "no_quota", "tokens"]
    seconds: float = 0
    latency_ms: float = 2_000

    async def commit(self, scene: Scene, chance: random.Random) -> None:  # noqa: ARG002  nothing is left to chance
        options = scene.stand.platform
        tell, well = scene.tell, scene.well
        happening = scene.begin("platform", self.how)
        match self.how:
            case "tokens":
                await tell("tokens/invalidate", {})
            case "no_quota":
                await tell("quota/exhaust", {})
                await trio.sleep(self.seconds)
                await trio.to_thread.run_sync(clear_quota, scene.stand.platform_url, options.app_id, options.app_secret)
            case "slow":
                await tell("faults", {**well, "latency_ms": self.latency_ms})
                await trio.sleep(self.seconds)
                await tell("faults", well)
            case "frozen":
                pid = scene.stand.simulator.pid
                send(pid, signal.SIGSTOP)
                try:
                    await trio.sleep(self.seconds)
                finally:
                    send(pid, signal.SIGCONT)
            case "flapping":
                for turn in range(max(2, int(self.seconds * 2))):
                    await tell("faults", well if turn % 2 else {**well, "rates": _TROUBLE["down"]})
                    await trio.sleep(0.5)
                await tell("faults", well)
            case _:
                await tell("faults", {**well, "rates": _TROUBLE[self.how]})
                await trio.sleep(self.seconds)
                await tell("faults", well)
        happening.healed = trio.current_time()
