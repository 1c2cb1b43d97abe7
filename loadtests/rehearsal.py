"""A rehearsal: a spike of callbacks and a push campaign against a whole stand, ended by the audit.

How it works: both generators run at once; then we wait until nothing waits any more (no push in a queue, a claim or
later, no receipt on its way, no event unread), or the time is up; then the audit reads every side. What still waits at
that time is counted as waiting, not as lost.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

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
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY
from loadtests.stand.options import StandOptions
from loadtests.stand.stand import Stand, open_stand

_ON_THE_WAY = 200
"""A pusher's `in_flight`: what arrives at once when the platform was held up (see `loadtests.audit.limits`)."""


LIVELY = SimulatorOptions(
    latency_ms=50,
    jitter=0.3,
    receipt_delay=0.3,
    user_block_share=0.01,
    system_failed_share=0.01,
    unsubscribed_share=0.005,
    duplicate_share=0.02,
    faults={"-1": 0.01},
)
"""A platform with some life in it: one receipt in fifty says no, some callbacks come twice, and some sends are told to
come again. But it ends no answer on its way, after which two sides could not be equal (`loadtests.monitored`)."""


class Load(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[load]` of a scenario: what is sent. Times in seconds; a pace of 0 is as fast as it goes.

    The generators stop after `seconds`; what they sent has `drain_seconds` more to get through. `connections` are the
    callbacks' (`loadtests.generators.callback_spike`). `poison` of the pushes are marked for the platform never to take
    (`loadtests.generators.campaign`).
    """

    callbacks: int = 5_000
    pushes: int = 5_000
    connections: int = 64
    callbacks_per_second: float = 0
    pushes_per_second: float = 0
    seconds: float = 120
    drain_seconds: float = 60
    poison: int = 0


class Plan(Struct, frozen=True, kw_only=True):
    """What is sent to what. `more` is added to the configuration of `serve`, as in `open_stand`.

    The audit holds the pushers to the stand's `per_second`, or to that of the campaign's template where it has one.
    """

    platform: SimulatorOptions
    load: Load = Load()
    stand: StandOptions = StandOptions()
    more: str = ""


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


async def rehearse(plan: Plan, progress: Progress, disturb: Disturb | None = None) -> Rehearsed:
    """Run the plan; `progress` is kept up to date meanwhile.

    Raises:
        StandError: a process did not start.
    """
    async with open_stand(plan.platform, plan.stand, plan.more) as stand:
        return await rehearse_on(stand, plan, progress, disturb)


async def rehearse_on(stand: Stand, plan: Plan, progress: Progress, disturb: Disturb | None = None) -> Rehearsed:
    """Run the plan on a stand that is there already, and leave it running."""
    progress.stage = "spike and campaign"
    async with trio.open_nursery() as watching:
        watching.start_soon(_watch, stand, progress)
        runs = await _generate(plan, stand, progress, disturb)
        progress.stage = "draining"
        drained = False
        with trio.move_on_after(plan.load.drain_seconds):
            await until_drained(stand.store_url, stand.platform_url)
            drained = True
        watching.cancel_scope.cancel()
    progress.stage = "audit"
    rate = plan.stand.template_per_second or plan.stand.per_second
    sources = AuditSources(
        store_url=stand.store_url,
        platform_url=stand.platform_url,
        account=ACCOUNT,
        spike=[*runs.spike.rows, *progress.rows],
        campaign=[*runs.campaign.rows, *progress.pushes],
        limits=Limits(per_second=rate, on_the_way=_ON_THE_WAY * plan.stand.pushers),
    )
    report = await trio.to_thread.run_sync(audit, sources)
    return Rehearsed(report=report, spike=runs.spike, campaign=runs.campaign, drained=drained)


async def _generate(plan: Plan, stand: Stand, progress: Progress, disturb: Disturb | None) -> _Runs:
    platform, load = plan.platform, plan.load
    spike = SpikeOptions(
        url=stand.callback_url,
        account=platform.account,
        count=load.callbacks,
        seconds=load.seconds,
        connections=load.connections,
        per_second=load.callbacks_per_second,
        seed=platform.seed,
    )
    campaign = CampaignOptions(
        url=stand.gateway_url,
        key=UPSTREAM_KEY,
        account=ACCOUNT,
        count=load.pushes,
        seconds=load.seconds,
        seed=platform.seed,
        batch=min(500, max(1, int(load.pushes_per_second))) if load.pushes_per_second else 500,
        per_second=load.pushes_per_second,
        poison=load.poison,
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
