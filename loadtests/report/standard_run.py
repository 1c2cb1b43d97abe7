"""The standard run: a callback spike and a push campaign at once against a whole stand, with what waited meanwhile."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec
import trio
from msgspec import Struct
from redis import RedisError

from loadtests.audit.platform_reader import PlatformReader
from loadtests.audit.store_address import open_client
from loadtests.audit.store_reader import StoreReader
from loadtests.ledgers import Row
from loadtests.platform.options import SimulatorOptions
from loadtests.rehearsal import Load, Plan, Progress, rehearse_on
from loadtests.report.recording import Depth, Recording
from loadtests.stand.options import StandOptions
from loadtests.stand.stand import Stand, open_stand

LOOK_SECONDS = 0.5


class Size(Struct, frozen=True, kw_only=True):
    """How large the run is: callbacks, pushes, and the most seconds that the generators may take."""

    callbacks: int = 40_000
    pushes: int = 10_000
    seconds: float = 60.0


def standard_plan(size: Size) -> Plan:
    """A platform that takes 50 ms for a send, more or less, and sends receipts; one gateway and one pusher.

    Pushes are limited to 500 a second, far below what the pusher can do alone: the plot shows the limit, and what a
    spike on the same cores takes from it.
    """
    platform = SimulatorOptions(latency_ms=50, jitter=0.3, receipt_delay=0.3, duplicate_share=0.02)
    return Plan(
        platform=platform,
        load=Load(callbacks=size.callbacks, pushes=size.pushes, seconds=size.seconds),
        stand=StandOptions(per_second=500),
    )


async def record(plan: Plan) -> Recording:
    """Run it and keep everything.

    Raises:
        StandError: a process did not start.
        PlatformUnreachableError: the simulator ended on the way.
    """
    depths: list[Depth] = []
    async with open_stand(plan.platform, plan.stand) as stand:
        began, wall = trio.current_time(), time.time()
        async with trio.open_nursery() as watching:
            watching.start_soon(_watch, stand, began, depths)
            rehearsed = await rehearse_on(stand, plan, Progress())
            watching.cancel_scope.cancel()
        view = await trio.to_thread.run_sync(PlatformReader(stand.platform_url).view)
        store = await trio.to_thread.run_sync(_store_name, stand.store_url)
    return Recording(
        per_second=plan.stand.per_second,
        spike=_shifted(rehearsed.spike.rows, rehearsed.spike.began - began),
        campaign=_shifted(rehearsed.campaign.rows, rehearsed.campaign.began - began),
        sends=[msgspec.structs.replace(row, at=row.at - wall) for row in view.sends],
        depths=depths,
        audit=rehearsed.report,
        drained=rehearsed.drained,
        store=store,
    )


def _store_name(url: str) -> str:
    """`Valkey 9.1.0`, or `Redis` and its version."""
    client = open_client(url)
    try:
        server = client.info("server")
    finally:
        client.close()
    name = "Valkey" if "valkey_version" in server else "Redis"
    return f"{name} {server[f'{name.lower()}_version']}"


async def _watch(stand: Stand, began: float, depths: list[Depth]) -> None:
    """Look at the store every half second, by the clock and not after each look, until cancelled."""
    client = open_client(stand.store_url)
    try:
        reader = await trio.to_thread.run_sync(StoreReader, client)
        next_look = trio.current_time()
        while True:
            with suppress(RedisError):
                waiting = await trio.to_thread.run_sync(reader.waiting)
                pushes = waiting.queued + waiting.claimed + waiting.later
                depths.append(Depth(at=trio.current_time() - began, pushes=pushes, events=waiting.events))
            next_look += LOOK_SECONDS
            await trio.sleep_until(next_look)
    finally:
        client.close()


def _shifted(rows: Iterable[Row], seconds: float) -> Sequence[Row]:
    return [msgspec.structs.replace(row, began=row.began + seconds, ended=row.ended + seconds) for row in rows]
