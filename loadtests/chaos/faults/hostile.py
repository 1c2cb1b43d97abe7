"""Requests of every hostile kind, beside the honest load."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec
import trio

from loadtests.chaos.evidence import Figure, total
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.generators.hostile import HostileRequest, HostileRequests
from loadtests.http_client import ConnectionLostError, HttpConnection, parse_target

_PATIENCE_SECONDS = 10.0


class Hostile(Fault, frozen=True, kw_only=True, tag="hostile"):
    """Send `count` requests that nothing may come of."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "hostile_sent": Figure("hostile requests sent", total("hostile_sent")),
        "hostile_accepted": Figure("those of them answered 2xx", total("hostile_accepted")),
        "hostile_other": Figure(
            "those neither accepted nor refused as they should be, or not answered at all", total("hostile_other")
        ),
    }

    count: Annotated[int, msgspec.Meta(ge=1)]
    connections: Annotated[int, msgspec.Meta(ge=1)] = 16

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        happening = scene.begin("hostile")
        target = parse_target(scene.stand.callback_url)
        requests = iter(HostileRequests(scene.stand.platform.account, target, chance.randrange(10_000), time.time))
        ends: Counter[str] = Counter()
        wrong: Counter[str] = Counter()

        async def send() -> None:
            connection = HttpConnection(target)
            while ends.total() < self.count:
                request = next(requests)
                ends["under way"] += 1
                status = await _status(connection, request)
                ends["under way"] -= 1
                end = "accepted" if 200 <= status < 300 else "refused" if status in request.statuses else "other"  # noqa: PLR2004
                ends[end] += 1
                if end != "refused":
                    wrong[f"{request.kind}: {status}"] += 1
            connection.close()

        async with trio.open_nursery() as senders:
            for _ in range(self.connections):
                senders.start_soon(send)
        happening.measured |= {
            "hostile_sent": float(ends.total()),
            "hostile_accepted": float(ends["accepted"]),
            "hostile_other": float(ends["other"]),
        }
        happening.target = ", ".join(f"{count} × {kind}" for kind, count in wrong.most_common(5))
        happening.healed = trio.current_time()


async def _status(connection: HttpConnection, request: HostileRequest) -> int:
    """The answer's; 0 if there was none."""
    with trio.move_on_after(_PATIENCE_SECONDS):
        try:
            return (await connection.request(request.data)).status
        except ConnectionLostError:
            return 0
    return 0
