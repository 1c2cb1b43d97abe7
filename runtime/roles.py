"""Runs one process of a role, for `serve` as well as by itself."""

import gc
import socket
import sys
from functools import partial

import trio

from monitoring.loop_lag import watch_loop_lag
from monitoring.process_watch import watch_process
from monitoring.traces import Traces
from queues.connection.access import explained
from queues.errors import StoreMismatchError, StoreUnavailableError
from queues.store import Store, open_store
from runtime.configuration.log_settings import pseudonyms_of
from runtime.configuration.settings import Settings
from runtime.errors import CommandError, ConfigurationError, first_of
from runtime.telemetry.tracing_service import open_traces

# Beyond drain_seconds: settling what was drained. After that the process ends, whatever still hangs.
_DRAIN_MARGIN_SECONDS = 2.0

# A worker thread with the store's answer waits this long for the interpreter while the loop is busy; everybody in its
# batch waits with it. At Python's 5 ms a gateway at 512 connections did a tenth less (median of seven pairs, in turn).
_SWITCH_SECONDS = 0.0005
_ALLOCATIONS_A_COLLECTION = 20_000


async def run_role(
    role: str,
    settings: Settings,
    drain: trio.Event,
    listener: socket.socket | None = None,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run a gateway, which accepts from the bound socket `listener`, or without one a pusher; `role` names it.

    Runs until `drain` is set and it has finished what it had; started once it does its work.

    Raises:
        ConfigurationError: The store's data or its durability is not what the settings say.
        CommandError: The store cannot be reached, or the address cannot be listened on.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    # What was imported stays; what a push or a callback makes is freed by its last reference. So collect seldom.
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_A_COLLECTION)
    run = partial(_gateway, listener) if listener else _pusher
    try:
        async with (
            open_store(settings.store) as store,
            open_traces(settings.tracing, role) as traces,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(watch_loop_lag, role)
            nursery.start_soon(watch_process, role)
            nursery.start_soon(_bound, drain, settings.server.drain_seconds, nursery.cancel_scope)
            await run(settings, store, traces, drain, task_status)
            nursery.cancel_scope.cancel()
    except* StoreMismatchError as group:
        raise ConfigurationError(f"store: {first_of(group)}") from None
    except* StoreUnavailableError as group:
        raise CommandError(f"store.url: cannot reach the store: {explained(first_of(group))}") from None


async def _gateway(
    listener: socket.socket,
    settings: Settings,
    store: Store,
    traces: Traces | None,
    drain: trio.Event,
    task_status: trio.TaskStatus[None],
) -> None:
    from gateway.server import GatewaySettings, serve_gateway  # noqa: PLC0415  a pusher does not need it, and starts sooner
    from monitoring.zeros import export_gateway_zeros  # noqa: PLC0415  like its role

    export_gateway_zeros(
        [account.name for account in settings.accounts], [upstream.name for upstream in settings.upstreams]
    )
    ours = GatewaySettings(
        server=settings.server,
        accounts=settings.accounts,
        upstreams=settings.upstreams,
        pictures=settings.pictures,
        retain_seconds=settings.pushers.retain_seconds,
        lines_per_second=settings.logs.lines_per_second,
    )
    async with trio.open_nursery() as nursery:
        try:
            await nursery.start(partial(serve_gateway, listener=listener, traces=traces), ours, store, drain)
        except* OSError as group:
            reason = first_of(group)
            raise CommandError(f"server.bind: cannot listen on {settings.server.bind}: {reason}") from None
        task_status.started()


async def _pusher(
    settings: Settings,
    store: Store,
    traces: Traces | None,
    drain: trio.Event,
    task_status: trio.TaskStatus[None],
) -> None:
    from monitoring.zeros import export_pusher_zeros  # noqa: PLC0415  like its role
    from pushers.attempts.log import AttemptLog  # noqa: PLC0415  like its role
    from pushers.attempts.trace import AttemptTrace  # noqa: PLC0415  like its role
    from pushers.attempts.witness import AttemptWitness  # noqa: PLC0415  like its role
    from pushers.webhooks.messenger import WebhookTarget  # noqa: PLC0415  like its role
    from pushers.worker import Worker  # noqa: PLC0415  a gateway does not need it (nor httpx), and starts sooner

    webhooks = [
        WebhookTarget(upstream=upstream.name, url=upstream.webhook_url, secret=upstream.webhook_secret)
        for upstream in settings.upstreams
        if upstream.webhook_url
    ]
    export_pusher_zeros([account.name for account in settings.accounts], [target.upstream for target in webhooks])
    logs = settings.logs
    pseudonyms = pseudonyms_of(logs, settings.accounts)
    witnesses: list[AttemptWitness] = [
        AttemptLog(pseudonyms, per_second=logs.lines_per_second, sent_share=logs.sent_share)
    ]
    if traces is not None:
        witnesses.append(AttemptTrace(traces))
    worker = Worker(
        settings.pushers,
        settings.accounts,
        store,
        retain_events_seconds=settings.store.retain_events_seconds,
        witnesses=witnesses,
        traces=traces,
        webhooks=webhooks,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(worker.run, drain)
        task_status.started()


async def _bound(drain: trio.Event, drain_seconds: float, scope: trio.CancelScope) -> None:
    """End a drain that takes too long."""
    await drain.wait()
    scope.deadline = trio.current_time() + drain_seconds + _DRAIN_MARGIN_SECONDS
