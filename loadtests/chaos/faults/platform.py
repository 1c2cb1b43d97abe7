"""Trouble on the platform's side, through the simulator's controls."""

import random
import signal
from collections.abc import Mapping
from typing import ClassVar, Literal

import trio

from loadtests.chaos.evidence import Evidence, Figure
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.outages import full_rate_again, repeats_share, tries_without_quota
from loadtests.chaos.scene import Happening, Scene
from loadtests.stand.simulator import clear_quota
from loadtests.stand.workers import send

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

    figures: ClassVar[Mapping[str, Figure]] = {
        "repeats_while_down_share": Figure(
            "of the sends in the platform's outages, those that it had seen before",
            lambda evidence: repeats_share(evidence.platform, map(evidence.on_the_platform, _troubles(evidence))),
        ),
        "full_rate_again_seconds": Figure(
            "from the platform's healing to nine tenths of the rate being used, the longest",
            lambda evidence: full_rate_again(
                evidence.sends, [each.healed for each in _troubles(evidence)], evidence.per_second
            ),
        ),
        "quota_tries": Figure(
            "sends from two seconds after a quota was spent until the platform took one again, that one too",
            lambda evidence: tries_without_quota(
                evidence.platform, map(evidence.on_the_platform, _troubles(evidence, "no_quota"))
            ),
        ),
    }

    how: Literal["down", "busy", "garbage", "silent", "doubtful", "slow", "flapping", "frozen", "no_quota", "tokens"]
    seconds: float = 0
    latency_ms: float = 2_000

    async def commit(self, scene: Scene, chance: random.Random) -> None:
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


def _troubles(evidence: Evidence, how: str = "") -> list[Happening]:
    """Those that lasted."""
    return [each for each in evidence.of("platform", how) if each.healed > each.began]
