"""A rehearsal: a spike of callbacks and a push campaign against a whole stand, ended by the audit.

How it works: both generators run at once; then we wait until nothing waits any more (no push in a queue, a claim or
later, no receipt on its way, no event unread), or the time is up; then the audit reads every side. What still waits at
that time is counted as waiting, not as lost.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import trio
from msgspec import Struct
from redis import RedisError

from loadtests.audit.auditor import AuditSources, audit
from loadtests.audit.drain import LOOK_SECONDS, backlog, until_drained
from loadtests.audit.limits import Limits
from loadtests.audit.platform_reader import PlatformReader, PlatformUnreachableError
from loadtests.audit.report import AuditReport
from loadtests.generators.callback_spike import SpikeOptions, run_spike
from loadtests.generators.campaign import CampaignOptions, run_campaign
from loadtests.ledgers import CampaignLedger, CampaignRow, SpikeLedger, SpikeRow
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.stand import ACCOUNT, UPSTREAM_KEY, Stand, StandOptions, StoreKind, open_stand


class Plan(Struct, frozen=True, kw_only=True):
    """How much to send. The generators stop after `seconds`; what they sent has `drain_seconds` more to get through.

    `connections` and `callbacks_per_second` are the spike's; what the stand needs is named as in `StandOptions`. The
    audit holds the pushers to `per_second` (where the campaign's template has a rate of its own, to
    that) where the platform stands, and allows for `on_the_way` sends more a
    pusher: its `in_flight`, which all arrive at once when the platform was held up (see `loadtests.audit.limits`).
    """

    platform: SimulatorOptions
    callbacks: int = 20_000
    pushes: int = 10_000
    seconds: float = 30.0
    drain_seconds: float = 15.0
    gateways: int = 1
    pushers: int = 1
    per_second: int = 2_000
    per_day: int = 1_000_000
    template_per_second: float = 0
    max_attempts: int = 8
    claim_seconds: float = 10.0
    send_seconds: float = 5.0
    store: StoreKind = "embedded"
    durability: Literal["fsync", "replica"] = "fsync"
    proxied: tuple[Literal["platform", "store"], ...] = ()
    data_megabytes: int = 0
    clock: str = ""
    more: str = ""
    logs: Literal["usual", "everything"] = "usual"
    on_the_way: int = 200
    connections: int = 64
    callbacks_per_second: float = 0
    pushes_per_second: float = 0
    poison: int = 0


class Progress(Struct, kw_only=True):
    """How far a rehearsal is, for whoever watches.

    `generating` generators still send; `backlog` is pushes and events that wait in the store.
    """

    stage: str = "starting"
    callbacks_ended: int = 0
    callbacks_acked: int = 0
    pushes_ended: int = 0
    pushes_acked: int = 0
    generating: int = 0
    platform_accepted: int = 0
    receipts_acked: int = 0
    backlog: int = 0
    rows: list[SpikeRow] = []
    """Of callbacks that others than the spike sent, for the audit."""
    pushes: list[CampaignRow] = []
    """Of pushes that others than the campaign enqueued."""


class Rehearsed(Struct, frozen=True, kw_only=True):
    """What it came to; seconds are those the generators needed."""

    report: AuditReport
    spike: SpikeLedger
    campaign: CampaignLedger
    drained: bool


class _Runs:
    """The two generators' ledgers, once they are done."""

    spike: SpikeLedger
    campaign: CampaignLedger


Disturb = Callable[[Stand, Progress], Awaitable[None]]
"""Faults to commit while the generators run."""


def stand_options(plan: Plan) -> StandOptions:
    """What a plan needs of the stand."""
    return StandOptions(**{name: getattr(plan, name) for name in StandOptions.__struct_fields__})


async def rehearse(plan: Plan, progress: Progress, disturb: Disturb | None = None) -> Rehearsed:
    """Run the plan; `progress` is kept up to date meanwhile.

    Raises:
        StandError: a process did not start.
    """
    async with open_stand(stand_options(plan)) as stand:
        return await rehearse_on(stand, plan, progress, disturb)


async def rehearse_on(stand: Stand, plan: Plan, progress: Progress, disturb: Disturb | None = None) -> Rehearsed:
    """Run the plan on a stand that is there already, and leave it running."""
    progress.stage = "spike and campaign"
    async with trio.open_nursery() as watching:
        watching.start_soon(_watch, stand, progress)
        runs = await _generate(plan, stand, progress, disturb)
        progress.stage = "draining"
        drained = False
        with trio.move_on_after(plan.drain_seconds):
            await until_drained(stand.store_url, stand.platform_url)
            drained = True
        watching.cancel_scope.cancel()
    progress.stage = "audit"
    rate = plan.template_per_second or plan.per_second
    sources = AuditSources(
        store_url=stand.store_url,
        platform_url=stand.platform_url,
        account=ACCOUNT,
        spike=[*runs.spike.rows, *progress.rows],
        campaign=[*runs.campaign.rows, *progress.pushes],
        limits=Limits(per_second=rate, on_the_way=plan.on_the_way * plan.pushers),
    )
    report = await trio.to_thread.run_sync(audit, sources)
    return Rehearsed(report=report, spike=runs.spike, campaign=runs.campaign, drained=drained)


async def _generate(plan: Plan, stand: Stand, progress: Progress, disturb: Disturb | None) -> _Runs:
    platform = plan.platform
    spike = SpikeOptions(
        url=stand.callback_url,
        token=platform.token,
        app_id=platform.app_id,
        original_id=platform.original_id,
        mode=platform.mode,
        aes_key=platform.aes_key,
        count=plan.callbacks,
        seconds=plan.seconds,
        connections=plan.connections,
        per_second=plan.callbacks_per_second,
        seed=platform.seed,
    )
    campaign = CampaignOptions(
        url=stand.gateway_url,
        key=UPSTREAM_KEY,
        account=ACCOUNT,
        count=plan.pushes,
        seconds=plan.seconds,
        seed=platform.seed,
        batch=min(500, max(1, int(plan.pushes_per_second))) if plan.pushes_per_second else 500,
        per_second=plan.pushes_per_second,
        poison=plan.poison,
    )
    runs = _Runs()

    def spiked(ended: int, acked: int) -> None:
        progress.callbacks_ended, progress.callbacks_acked = ended, acked

    def enqueued(ended: int, acked: int) -> None:
        progress.pushes_ended, progress.pushes_acked = ended, acked

    async def send_spike() -> None:
        runs.spike = await run_spike(spike, spiked)
        progress.generating -= 1

    async def send_campaign() -> None:
        runs.campaign = await run_campaign(campaign, enqueued)
        progress.generating -= 1

    progress.generating = 2

    async with trio.open_nursery() as generators:
        generators.start_soon(send_spike)
        generators.start_soon(send_campaign)
        if disturb is not None:
            generators.start_soon(disturb, stand, progress)
    return runs


async def _watch(stand: Stand, progress: Progress) -> None:
    """Keep what only the platform and the store know up to date."""
    platform = PlatformReader(stand.platform_url)
    while True:
        with suppress(PlatformUnreachableError):
            counts = (await trio.to_thread.run_sync(platform.summary)).counts
            progress.platform_accepted = counts.get("accepted", 0)
            progress.receipts_acked = counts.get("callbacks acked", 0)
        with suppress(RedisError, ValueError):
            progress.backlog = await trio.to_thread.run_sync(backlog, stand.store_url)
        await trio.sleep(LOOK_SECONDS)
