"""One gateway process: everything it runs, and in which order it ends."""

import secrets
import socket
import time
from collections.abc import Sequence
from functools import partial

import trio
from msgspec import Struct

from gateway.accounts.desk import AccountDesk
from gateway.admission import Admission
from gateway.authorization import Keyring
from gateway.body_bound import BodyBound
from gateway.callbacks.receiver import CallbackReceiver
from gateway.endpoints import Endpoints
from gateway.health import Health
from gateway.http.headroom import take_headroom
from gateway.http.listener import serve_http
from gateway.http.outbox import Outbox
from gateway.http.request_tasks import RequestTasks
from gateway.pushes.admission import PushAdmission
from gateway.pushes.backlog_watch import watch_backlog
from gateway.pushes.batch_reader import BatchReader
from gateway.pushes.bodies.registry import CHANNELS
from gateway.pushes.dead_letters import DeadLetters
from gateway.pushes.desk import PushDesk
from gateway.pushes.format import MAX_PUSHES
from gateway.pushes.intake import PushIntake
from gateway.pushes.log import PushLog
from gateway.pushes.pictures.gallery import Gallery
from gateway.pushes.pictures.settings import PictureSettings
from gateway.pushes.pictures.source import PictureSource
from gateway.pushes.reader import PushReader
from gateway.routes import Routes
from gateway.settings import ServerSettings, Upstream
from monitoring.traces import Traces
from queues.account import Account
from queues.events.appender import LARGEST_BATCH, EventAppender
from queues.limits.holds import resume
from queues.limits.quota import read_quota
from queues.limits.upstream_rate import charge
from queues.push import RETAIN_SECONDS
from queues.pushes.appender import PushAppender
from queues.pushes.dead import list_dead, replay_dead, replay_matching
from queues.pushes.jobs import cancel_push, read_push, read_statuses
from queues.pushes.pictures import keep_picture, read_picture
from queues.pushes.request_keys import bind_request
from queues.readings.backlog import read_backlog
from queues.store import Store


class GatewaySettings(Struct, frozen=True, kw_only=True):
    """What one gateway process needs of the configuration.

    A push that is cancelled stays readable for `retain_seconds`. `lines_per_second` bounds the log of push requests,
    good ones and refused ones each.
    """

    server: ServerSettings
    accounts: Sequence[Account]
    upstreams: Sequence[Upstream]
    pictures: PictureSettings = PictureSettings()
    retain_seconds: float = RETAIN_SECONDS
    lines_per_second: float = 50.0


async def serve_gateway(
    settings: GatewaySettings,
    store: Store,
    drain: trio.Event,
    *,
    listener: socket.socket,
    traces: Traces | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve callbacks and pushes until `drain` is set and what was in flight is answered (at most `drain_seconds`).

    It accepts from `listener`, a bound socket, and closes it; started once it does. Without `traces` nothing is traced.

    Raises:
        OSError: the address cannot be listened on, or TLS cannot be had with its files.
        ValueError: an account's `aes_key` is not an EncodingAESKey.
    """
    server, accounts, upstreams = settings.server, settings.accounts, settings.upstreams
    take_headroom(server)
    outbox = Outbox()
    overload = Admission(LARGEST_BATCH, secrets.token_bytes(32))
    events = EventAppender(store, after=outbox.flush, observe=overload.observe)
    pushes = PushAppender(store)
    callbacks = CallbackReceiver(
        accounts, server.freshness_seconds, hand_in=events.hand_in, admission=overload, clock=time.time
    )
    keyring = Keyring(upstreams)
    source = PictureSource(settings.pictures)
    gallery = Gallery(
        settings.pictures,
        fetch=source.fetch,
        keep=partial(keep_picture, store),
        find=partial(read_picture, store),
        clock=time.time,
    )
    admission = PushAdmission(server, accounts, overload)
    intake = PushIntake(
        keyring,
        {upstream.name: _batch_reader(upstream, accounts, gallery) for upstream in upstreams},
        admission,
        append=pushes.append,
        bind=partial(bind_request, store),
        charge=partial(charge, store, most_pushes=MAX_PUSHES),
        clock=time.time,
        log=PushLog(settings.lines_per_second),
        traces=traces,
    )
    endpoints = Endpoints(
        callbacks=callbacks,
        intake=intake,
        pushes=PushDesk(
            keyring,
            accounts,
            look=partial(read_push, store),
            quota=partial(read_quota, store),
            cancel=partial(cancel_push, store, retain_seconds=settings.retain_seconds),
        ),
        dead=DeadLetters(
            keyring,
            page=partial(list_dead, store),
            look=partial(read_statuses, store),
            replay_ids=partial(replay_dead, store),
            replay_page=partial(replay_matching, store),
        ),
        accounts=AccountDesk(
            keyring, accounts, CHANNELS.keys(), look=partial(read_quota, store), resume=partial(resume, store)
        ),
        gallery=gallery,
        health=Health(store.ping, drain),
    )
    # The appenders outlive the listener, and what it finishes while draining; the tasks of requests end between.
    async with source, trio.open_nursery() as appenders:
        await appenders.start(events.run)
        await appenders.start(pushes.run)
        appenders.start_soon(watch_backlog, partial(read_backlog, store), admission)
        async with trio.open_nursery() as requests:
            requests.start_soon(callbacks.log.run)
            await serve_http(
                Routes(endpoints.handlers(RequestTasks(requests, outbox))).handle,
                BodyBound(keyring, server).limit,
                server,
                drain,
                listener=listener,
                outbox=outbox,
                task_status=task_status,
            )
            requests.cancel_scope.cancel()
        appenders.cancel_scope.cancel()


def _batch_reader(upstream: Upstream, accounts: Sequence[Account], gallery: Gallery) -> BatchReader:
    reader = PushReader(upstream, accounts, any_link=gallery.any_link)
    return BatchReader(reader, take_picture=gallery.take, clock=time.time)
