"""One gateway process: everything it runs, and in which order it ends."""

import socket
import time
from collections.abc import Sequence
from functools import partial

import trio

from gateway.callback_routes import CallbackRoutes
from gateway.dead_letters import DeadLetters
from gateway.health import Health
from gateway.listener import serve_http
from gateway.push_api import PushApi
from gateway.routes import Routes
from gateway.settings import ServerSettings, Upstream
from queues.account import Account
from queues.dead import list_dead, replay_dead, replay_matching
from queues.event_appender import EventAppender
from queues.jobs import cancel_push, read_push, read_statuses
from queues.push_appender import PushAppender
from queues.request_keys import bind_request
from queues.store import Store


async def serve_gateway(
    server: ServerSettings,
    accounts: Sequence[Account],
    upstreams: Sequence[Upstream],
    store: Store,
    drain: trio.Event,
    *,
    shared: socket.socket | None = None,
    task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve callbacks and pushes until `drain` is set and what was in flight is answered (at most `drain_seconds`).

    It accepts from `shared`, a bound socket, or else on `server.bind`. `task_status` is given the host and port once
    connections are accepted.

    Raises:
        ValueError: an account's `aes_key` is not an EncodingAESKey.
    """
    events = EventAppender(store)
    pushes = PushAppender(store)
    routes = Routes(
        CallbackRoutes(accounts, server.freshness_seconds, append=events.append, clock=time.time),
        PushApi(
            upstreams,
            accounts,
            append=pushes.append,
            bind=partial(bind_request, store),
            look=partial(read_push, store),
            cancel=partial(cancel_push, store),
            clock=time.time,
        ),
        DeadLetters(
            upstreams,
            page=partial(list_dead, store),
            look=partial(read_statuses, store),
            replay_ids=partial(replay_dead, store),
            replay_page=partial(replay_matching, store),
        ),
        Health(store.ping, drain),
        server,
    )
    async with trio.open_nursery() as appenders:  # outlive the listener: what it finishes while draining needs them
        await appenders.start(events.run)
        await appenders.start(pushes.run)
        await serve_http(routes.handle, routes.body_limit, server, drain, shared=shared, task_status=task_status)
        appenders.cancel_scope.cancel()
