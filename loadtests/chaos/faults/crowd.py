"""Thousands of clients that take up connections and time, beside the honest load."""

import random
import sys
from typing import Annotated

import msgspec
import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.generators.crowd import Held


class Crowd(Fault, frozen=True, kw_only=True, tag="crowd"):
    """Hold `silent` and `dripping` connections open for some seconds (`loadtests.generators.crowd`).

    Measures `crowd_opened` and `held_open_seconds`, the longest that one connection was left open.
    """

    silent: Annotated[int, msgspec.Meta(ge=0)] = 0
    dripping: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: float

    async def commit(self, scene: Scene, chance: random.Random) -> None:  # noqa: ARG002  nothing is left to chance
        happening = scene.begin("crowd", f"{self.silent} silent, {self.dripping} dripping")
        words = {"silent": self.silent, "dripping": self.dripping, "seconds": self.seconds}
        flags = [f"--{name}={word}" for name, word in words.items()]
        command = [sys.executable, "-m", "loadtests.generators.crowd", scene.stand.gateway_url, *flags]
        ended = await trio.run_process(command, check=False, capture_stdout=True)
        happening.healed = trio.current_time()
        try:
            held = msgspec.json.decode(ended.stdout, type=Held)
        except msgspec.MsgspecError:
            happening.note = "the crowd did not come"
            return
        happening.measured |= {"crowd_opened": float(held.opened), "held_open_seconds": held.longest}
