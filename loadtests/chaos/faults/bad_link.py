"""A bad link: what our own proxy does to the connections to the platform or the store."""

import random
from typing import Literal

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.stand.tcp_proxy import WELL, Link


class BadLink(Fault, frozen=True, kw_only=True, tag="link"):
    """The link (one of `proxied` in `[stand]`) is bad for some seconds; `reset` first resets what is open."""

    to: Literal["platform", "store"]
    seconds: float = 0
    latency_ms: float = 0
    kilobytes_per_second: float = 0
    blackhole: bool = False
    refuse: bool = False
    close_seconds: float = 0
    reset: bool = False

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("link", self.to)
        proxy = scene.stand.proxies.get(self.to)
        if proxy is None:
            happening.note = f'needs proxied = ["{self.to}"]'
            return
        proxy.set(
            Link(
                latency_seconds=self.latency_ms / 1000,
                bytes_per_second=self.kilobytes_per_second * 1000,
                blackhole=self.blackhole,
                refuse=self.refuse,
                close_seconds=self.close_seconds,
            )
        )
        if self.reset:
            happening.measured["reset"] = float(proxy.reset())
        await trio.sleep(self.seconds)
        proxy.set(WELL)
        happening.healed = trio.current_time()
