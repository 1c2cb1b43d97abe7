"""The primary of a store of several servers killed, so that a replica takes its place."""

import random
import signal
from collections.abc import Mapping
from typing import ClassVar

import trio

from loadtests.chaos.evidence import Figure, most
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Happening, Scene, until
from loadtests.stand.store import StandStore
from loadtests.stand.store_group import StoreGroup
from loadtests.stand.workers import send

_PROMOTED_SECONDS = 30.0


class Failover(Fault, frozen=True, kw_only=True, tag="failover"):
    """Kill a primary (one of several in a Cluster); start it again `down_seconds` after a replica has taken its place.

    `behind_seconds` before that its replicas are cut off: what it takes in that time they do not have, and it is lost
    with the primary.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "failed_over_seconds": Figure(
            "the longest from a primary's death until a replica had its place", most("failed_over_seconds")
        ),
    }

    down_seconds: float = 3.0
    behind_seconds: float = 0

    def __post_init__(self) -> None:
        """Raises ValueError for times that are none."""
        super().__post_init__()
        if self.down_seconds < 0 or self.behind_seconds < 0:
            raise ValueError("`down_seconds` and `behind_seconds` are 0 or more")

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        group = scene.stand.group
        happening = scene.begin("failover", "store")
        if group is None:
            happening.note = "needs a store of several servers"
            return
        primaries = await group.primaries()
        primary, count = chance.choice(primaries), len(primaries)
        if self.behind_seconds:
            await trio.to_thread.run_sync(cut_off_replicas, primary)
            await trio.sleep(self.behind_seconds)
        happening.began = trio.current_time()
        send(primary.process.pid, signal.SIGKILL)
        await _promoted(group, primary, count, happening)
        await trio.sleep(self.down_seconds)
        await primary.process.end()
        await primary.process.start()


async def _promoted(group: StoreGroup, dead: StandStore, count: int, happening: Happening) -> None:
    """Note when as many servers as before take writes, without the dead one."""

    async def replaced() -> bool:
        return len([server for server in await group.primaries() if server is not dead]) == count

    with trio.move_on_after(_PROMOTED_SECONDS) as scope:
        await until(replaced)
    if scope.cancelled_caught:
        happening.note = "nobody took its place"
        return
    happening.healed = trio.current_time()
    happening.measured["failed_over_seconds"] = happening.healed - happening.began


def cut_off_replicas(primary: StandStore) -> None:
    """End the replicas' connections, and let them make no others: nobody may ask for replication any more."""
    with primary.client(_PROMOTED_SECONDS) as client:
        client.execute_command("ACL", "SETUSER", "default", "-psync", "-sync")
        client.execute_command("CLIENT", "KILL", "TYPE", "replica")
