"""One pusher process: composes the way out and drains it.

    wake-ups, sweeps ─▶ readiness ─▶ feeder (a feed)     ─▶ crew of senders ─▶ settler ─▶ store
                                       lease, take           lane, verdict      batches

Drain runs along the same line: the feeders stop, the senders finish what they have, the settler settles it, and only
then do the services (tokens, sweeps, events) end.
"""

import random
import ssl
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import httpx
import structlog
import trio

from monitoring.in_flight import watch_in_flight
from monitoring.traces import Traces
from pushers.attempts.witness import AttemptWitness
from pushers.channels.registry import CHANNELS
from pushers.crew import Crew
from pushers.dispatcher import Dispatcher, consumer_name
from pushers.feeder import Feeder
from pushers.lanes.transport import LaneTransport
from pushers.outcomes.repeats import safe_by_feed
from pushers.outcomes.retry_policy import RetryPolicy
from pushers.outlet import Outlet
from pushers.pictures import Courier
from pushers.quotas.watch import QuotaWatch
from pushers.readiness import Readiness
from pushers.restraints.quiet_hours import curfew_of
from pushers.restraints.window_keeper import WindowKeeper
from pushers.room import Room
from pushers.sender import Finished, Sender
from pushers.settings import PusherSettings
from pushers.settler import Settler
from pushers.tokens.source import TokenSource
from pushers.upkeep import Upkeep
from pushers.webhooks.messenger import Messenger, WebhookTarget
from queues.account import Account
from queues.keys import feed
from queues.pushes.supply import Supplier
from queues.store import Store
from queues.wakeups import Wake, listen

log = structlog.get_logger()

RETAIN_EVENTS_SECONDS = 86_400.0
DRAIN_GRACE_SECONDS = 1.0
_SPARE_SHARE = 2


async def run_pusher(
    settings: PusherSettings,
    accounts: Sequence[Account],
    store: Store,
    drain: trio.Event,
    *,
    retain_events_seconds: float = RETAIN_EVENTS_SECONDS,
    witnesses: Sequence[AttemptWitness] = (),
    traces: Traces | None = None,
    webhooks: Sequence[WebhookTarget] = (),
    rng: random.Random | None = None,
    clock: Callable[[], float] = time.time,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Push until `drain` is set, then finish what is in flight, settle it and return.

    Trouble with the store or the platform never ends it.
    """
    rng = rng or random.Random()
    name = consumer_name()
    tls = ssl.create_default_context()
    # As many may wait in front of the lanes, so that a lane that gets free has its next push at once, however long the
    # store takes to supply more.
    # One account beside others gets less: what waits for the lanes of a silent platform would hold them all.
    spare = settings.in_flight if len(accounts) == 1 else max(1, settings.in_flight // _SPARE_SHARE)
    room = Room(settings.in_flight + spare, [account.name for account in accounts])
    readiness = Readiness(feed(account.name, api) for account in accounts for api in _apis(account))
    finished, settling = trio.open_memory_channel[Finished](settings.in_flight + spare)
    settler = Settler(
        store, readiness, rng, claim_seconds=settings.claim_seconds, retain_seconds=settings.retain_seconds
    )
    # Our hosts are configured, so what proxies the environment names is not asked.
    async with (
        httpx.AsyncClient(transport=LaneTransport(tls=tls), trust_env=False) as client,
        trio.open_nursery() as services,
    ):
        sender = Sender(
            channels=CHANNELS,
            windows=WindowKeeper(store),
            courier=Courier(store, client),
            policy=RetryPolicy(settings.max_attempts, rng),
            room=room,
            finished=finished,
            send_seconds=settings.send_seconds,
            witnesses=witnesses,
            tls=tls,
            clock=clock,
        )
        outlets = []
        for account in accounts:
            tokens = TokenSource(account, store, client, rng, name=name)
            services.start_soon(tokens.run)
            outlet = Outlet(account, store, tokens, settings.in_flight, curfew_of(account.quiet_hours, rng))
            outlets.append(outlet)
            if account.kind == "official":
                services.start_soon(QuotaWatch(account, store, tokens, client, rng, parked=outlet.parked).run)
        messengers = {target.upstream: Messenger(target, store, rng, tls=tls, clock=clock) for target in webhooks}
        for messenger in messengers.values():
            services.start_soon(messenger.run)
        await _start_upkeep(
            services,
            store,
            readiness,
            consumer=name,
            messengers=messengers,
            windowed={each.name for each in accounts if each.kind == "official" and each.custom_window},
            settings=settings,
            retain_events_seconds=retain_events_seconds,
            safe_seconds=safe_by_feed(accounts, CHANNELS, settings.claim_seconds),
            traces=traces,
            clock=clock,
        )
        async with trio.open_nursery() as settlers:
            settlers.start_soon(settler.run, settling)
            async with finished, trio.open_nursery() as senders:
                services.start_soon(sender.watch)
                supplier = Supplier(store)
                crew = Crew(sender, senders, most=settings.in_flight)
                async with trio.open_nursery() as feeders:
                    for outlet, api in [(each, api) for each in outlets for api in _apis(each.account)]:
                        feeder = Feeder(
                            outlet,
                            store,
                            supplier,
                            api=api,
                            room=room,
                            spare=spare,
                            readiness=readiness,
                            submit=crew.submit,
                            claim_seconds=settings.claim_seconds,
                            retain_seconds=settings.retain_seconds,
                        )
                        feeders.start_soon(feeder.run)
                    services.start_soon(watch_in_flight, lambda: room.total_used)
                    log.info("pusher ready", accounts=len(accounts), in_flight=settings.in_flight)
                    task_status.started()
                    await drain.wait()
                    log.info("pusher draining", in_flight=room.total_used)
                    feeders.cancel_scope.cancel()
                crew.close()
                senders.cancel_scope.deadline = trio.current_time() + settings.send_seconds + DRAIN_GRACE_SECONDS
        services.cancel_scope.cancel()
    log.info("pusher drained")


def _apis(account: Account) -> list[str]:
    return [channel.api for channel in CHANNELS.values() if channel.kind == account.kind]


async def _start_upkeep(
    services: trio.Nursery,
    store: Store,
    readiness: Readiness,
    *,
    consumer: str,
    messengers: Mapping[str, Messenger],
    windowed: Collection[str],
    settings: PusherSettings,
    retain_events_seconds: float,
    safe_seconds: Mapping[str, float],
    traces: Traces | None,
    clock: Callable[[], float],
) -> None:
    upkeeps = [
        Upkeep(
            store,
            shard,
            readiness,
            retain_events_seconds=retain_events_seconds,
            safe_seconds=safe_seconds,
            retain_seconds=settings.retain_seconds,
        )
        for shard in range(store.shards)
    ]
    dispatchers = [
        Dispatcher(
            store,
            shard,
            consumer,
            retain_seconds=settings.retain_seconds,
            claim_seconds=settings.claim_seconds,
            windowed=windowed,
            traces=traces,
            clock=clock,
        )
        for shard in range(store.shards)
    ]

    def on_wake(wake: Wake) -> None:
        match wake.kind:
            case "push":
                readiness.mark(wake.feed, wake.shard)
            case "due":
                upkeeps[wake.shard].wake()
            case "event":
                dispatchers[wake.shard].wake()
            case "hook" if messenger := messengers.get(wake.feed):
                messenger.wake()

    await services.start(partial(listen, store, on_wake))
    for upkeep in upkeeps:
        services.start_soon(upkeep.run)
    for dispatcher in dispatchers:
        services.start_soon(dispatcher.run)
