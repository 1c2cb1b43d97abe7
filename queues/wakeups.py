"""Wake-ups: scripts that give pushers something to do say so on one channel, so that nobody has to poll.

A message may be lost (a connection broke); every listener looks for itself now and then as well. In a Cluster every
server passes on what was published on any other, so it is enough to listen to one. Anybody who may talk to the store
may publish there, also from its other databases, so what is no wake-up of this store's shards is passed over.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast

import trio
from msgspec import Struct
from redis.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from queues.keys import WAKE_CHANNEL
from queues.store import Store

WAIT_SECONDS = 0.25  # how long a thread waits for a message, hence how long a cancellation takes at most
RECONNECT_SECONDS = 1.0
MOST = 1_000  # messages handed over at once
PING_AFTER, GIVE_UP_AFTER = 20, 32
"""Waits without a message (5 s and 8 s): a server that vanished with its machine never ends the connection."""

_WAKE = re.compile(rb"(push|event|due|hook) (\d{1,3}) ([!-~]+)")
_NO_FEED = b"-"


class Wake(Struct, frozen=True):
    """Work has come: queued pushes of `feed`, an `event`, or an id that is `due` later (feed empty).

    For a webhook (`hook`) that is owed, `feed` is the upstream.
    """

    kind: Literal["push", "event", "due", "hook"]
    shard: int
    feed: str


async def listen(
    store: Store,
    on_wake: Callable[[Wake], None],
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Call `on_wake` for each wake-up until cancelled; reconnects by itself. Started after the first try to subscribe.

    Its thread is not one of the store's limited ones, since it waits nearly all the time.
    """
    limiter = trio.CapacityLimiter(1)
    started = False
    while True:
        pubsub: PubSub | None = None
        try:
            pubsub = store.client.pubsub(ignore_subscribe_messages=True)
            await trio.to_thread.run_sync(pubsub.subscribe, WAKE_CHANNEL, limiter=limiter)
            if not started:
                task_status.started()
                started = True
            await _pass_on(pubsub, store.shards, on_wake, limiter)
        except (RedisError, OSError):
            if not started:
                task_status.started()
                started = True
            await trio.sleep(RECONNECT_SECONDS)
        finally:
            if pubsub is not None:
                pubsub.close()


async def _pass_on(pubsub: PubSub, shards: int, on_wake: Callable[[Wake], None], limiter: trio.CapacityLimiter) -> None:
    """Until cancelled, or with a RedisError when the server is silent for too long."""
    silent = 0
    while True:
        messages = await trio.to_thread.run_sync(partial(_next_messages, pubsub), limiter=limiter)
        silent = 0 if messages else silent + 1
        for wake in {_read(message["data"]) for message in messages if message["type"] == "message"}:
            if wake is not None and wake.shard < shards:
                on_wake(wake)
        if silent == PING_AFTER:
            await trio.to_thread.run_sync(pubsub.ping, limiter=limiter)
        elif silent == GIVE_UP_AFTER:
            raise RedisConnectionError("the server is silent")


def _next_messages(pubsub: PubSub) -> list[Any]:
    """Wait for a message and return it with all that came meanwhile."""
    messages = []
    timeout = WAIT_SECONDS
    for _ in range(MOST):
        message = pubsub.get_message(timeout=timeout)
        if message is None:
            break
        messages.append(message)
        timeout = 0
    return messages


def _read(message: bytes) -> Wake | None:
    found = _WAKE.fullmatch(message)
    if found is None:
        return None
    kind, shard, feed = found.groups()
    return Wake(
        cast("Literal['push', 'event', 'due', 'hook']", kind.decode()),
        int(shard),
        "" if feed == _NO_FEED else feed.decode(),
    )
