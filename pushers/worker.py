"""One pusher process: composes the way out and drains it.

    wake-ups, sweeps ─▶ readiness ─▶ feeder (a feed)     ─▶ crew of senders ─▶ settler ─▶ store
                                       lease, take           lane, verdict      batches

Drain runs along the same line: the feeders stop, the senders finish what they have, the settler settles it, and only
then do the services (tokens, sweeps, events) end.
"""

import os
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from secrets import token_hex
from typing import Protocol

import httpx
import structlog
import trio

from monitoring.in_flight import watch_in_flight
from monitoring.traces import Traces
from pushers.attempts.witness import AttemptWitness
from pushers.channels.registry import CHANNELS
from pushers.concluder import Concluder
from pushers.crew import Crew
from pushers.dispatcher import Dispatcher
from pushers.feeder import Feeder
from pushers.job import Finished
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
from pushers.sender import Sender
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


class _Service(Protocol):
    async def run(self) -> None: ...


class Worker:
    """What the pushes of one process pass through, and what runs beside them."""

    def __init__(
        self,
        settings: PusherSettings,
        accounts: Sequence[Account],
        store: Store,
        *,
        retain_events_seconds: float = RETAIN_EVENTS_SECONDS,
        witnesses: Sequence[AttemptWitness] = (),
        traces: Traces | None = None,
        webhooks: Sequence[WebhookTarget] = (),
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._accounts = accounts
        self._store = store
        self._retain_events_seconds = retain_events_seconds
        self._witnesses = witnesses
        self._traces = traces
        self._webhooks = webhooks
        self._rng = rng or random.Random()
        self._clock = clock
        self._name = process_name()
        self._tls = ssl.create_default_context()
        # As many may wait in front of the lanes, so that a lane that gets free has its next push at once, however long
        # the store takes to supply more. One account beside others gets less: what waits for the lanes of a silent
        # platform would hold them all.
        in_flight = settings.in_flight
        self._spare = in_flight if len(accounts) == 1 else max(1, in_flight // _SPARE_SHARE)
        self._room = Room(in_flight + self._spare, [account.name for account in accounts])
        self._readiness = Readiness(feed(account.name, api) for account in accounts for api in _apis(account))

    async def run(self, drain: trio.Event, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Push until `drain` is set, then finish what is in flight, settle it and return.

        Trouble with the store or the platform never ends it.
        """
        settings, room = self._settings, self._room
        finished, settling = trio.open_memory_channel[Finished](settings.in_flight + self._spare)
        # Our hosts are configured, so what proxies the environment names is not asked.
        async with (
            httpx.AsyncClient(transport=LaneTransport(tls=self._tls), trust_env=False) as client,
            trio.open_nursery() as services,
        ):
            outlets = [self._outlet(account, client) for account in self._accounts]
            sender = self._sender(client, finished)
            await self._start_services(services, outlets, client)
            services.start_soon(sender.watch)
            async with trio.open_nursery() as settlers:
                settlers.start_soon(self._settler().run, settling)
                async with finished, trio.open_nursery() as senders:
                    crew = Crew(sender, senders, most=settings.in_flight)
                    async with trio.open_nursery() as feeders:
                        for feeder in self._feeders(outlets, crew):
                            feeders.start_soon(feeder.run)
                        log.info("pusher ready", accounts=len(outlets), in_flight=settings.in_flight)
                        task_status.started()
                        await drain.wait()
                        log.info("pusher draining", in_flight=room.total_used)
                        feeders.cancel_scope.cancel()
                    crew.close()
                    senders.cancel_scope.deadline = trio.current_time() + settings.send_seconds + DRAIN_GRACE_SECONDS
            services.cancel_scope.cancel()
        log.info("pusher drained")

    async def _start_services(
        self, services: trio.Nursery, outlets: Sequence[Outlet], client: httpx.AsyncClient
    ) -> None:
        """What runs beside the pushes, until they have drained."""
        store, rng = self._store, self._rng
        watches = [
            QuotaWatch(outlet.account, store, outlet.tokens, client, rng, parked=outlet.parked)
            for outlet in outlets
            if outlet.account.kind == "official"
        ]
        messengers = {
            target.upstream: Messenger(target, store, rng, tls=self._tls, clock=self._clock)
            for target in self._webhooks
        }
        upkeeps = [self._upkeep(shard) for shard in range(store.shards)]
        dispatchers = [self._dispatcher(shard) for shard in range(store.shards)]

        def on_wake(wake: Wake) -> None:
            match wake.kind:
                case "push":
                    self._readiness.mark(wake.feed, wake.shard)
                case "due":
                    upkeeps[wake.shard].wake()
                case "event":
                    dispatchers[wake.shard].wake()
                case "hook" if messenger := messengers.get(wake.feed):
                    messenger.wake()

        await services.start(listen, store, on_wake)
        tokens = (outlet.tokens for outlet in outlets)
        for service in chain[_Service](tokens, watches, messengers.values(), upkeeps, dispatchers):
            services.start_soon(service.run)
        services.start_soon(watch_in_flight, lambda: self._room.total_used)

    def _outlet(self, account: Account, client: httpx.AsyncClient) -> Outlet:
        tokens = TokenSource(account, self._store, client, self._rng, name=self._name)
        curfew = curfew_of(account.quiet_hours, self._rng)
        return Outlet(account, self._store, tokens, self._settings.in_flight, curfew, self._clock)

    def _sender(self, client: httpx.AsyncClient, finished: trio.MemorySendChannel[Finished]) -> Sender:
        return Sender(
            channels=CHANNELS,
            windows=WindowKeeper(self._store),
            courier=Courier(self._store, client),
            concluder=Concluder(RetryPolicy(self._settings.max_attempts, self._rng), self._witnesses, self._clock),
            room=self._room,
            finished=finished,
            send_seconds=self._settings.send_seconds,
            tls=self._tls,
            clock=self._clock,
        )

    def _feeders(self, outlets: Sequence[Outlet], crew: Crew) -> Iterator[Feeder]:
        supplier = Supplier(self._store)
        for outlet in outlets:
            for api in _apis(outlet.account):
                yield Feeder(
                    outlet,
                    self._store,
                    supplier,
                    api=api,
                    room=self._room,
                    spare=self._spare,
                    readiness=self._readiness,
                    submit=crew.submit,
                    claim_seconds=self._settings.claim_seconds,
                    retain_seconds=self._settings.retain_seconds,
                )

    def _settler(self) -> Settler:
        return Settler(
            self._store,
            self._readiness,
            self._rng,
            claim_seconds=self._settings.claim_seconds,
            retain_seconds=self._settings.retain_seconds,
        )

    def _upkeep(self, shard: int) -> Upkeep:
        return Upkeep(
            self._store,
            shard,
            self._readiness,
            retain_events_seconds=self._retain_events_seconds,
            safe_seconds=safe_by_feed(self._accounts, CHANNELS, self._settings.claim_seconds),
            retain_seconds=self._settings.retain_seconds,
            claim_seconds=self._settings.claim_seconds,
        )

    def _dispatcher(self, shard: int) -> Dispatcher:
        return Dispatcher(
            self._store,
            shard,
            self._name,
            retain_seconds=self._settings.retain_seconds,
            claim_seconds=self._settings.claim_seconds,
            windowed={each.name for each in self._accounts if each.kind == "official" and each.custom_window},
            traces=self._traces,
            clock=self._clock,
        )


def process_name() -> str:
    """By which the store and other processes know this one; its own also after its pid was used again."""
    return f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"


def _apis(account: Account) -> list[str]:
    return [channel.api for channel in CHANNELS.values() if account.offers(channel.kind)]
