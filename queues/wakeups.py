"""Wake-ups: scripts that give pushers something to do say so on one channel, so that nobody has to poll.

A message may be lost (a connection broke); every listener looks for itself now and then as well.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, cast

import trio
from msgspec import Struct
from redis.client import PubSub
from redis.exceptions import RedisError

from queues.keys import WAKE_CHANNEL
from queues.store import Store

WAIT_SECONDS = 0.25  # how long a thread waits for a message, hence how long a cancellation takes at most
RECONNECT_SECONDS = 1.0
MOST = 1_000  # messages handed over at once


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
        pubsub = store.client.pubsub(ignore_subscribe_messages=True)
        try:
            await trio.to_thread.run_sync(pubsub.subscribe, WAKE_CHANNEL, limiter=limiter)
            if not started:
                task_status.started()
                started = True
            while True:
                for wake in await trio.to_thread.run_sync(partial(_next_messages, pubsub), limiter=limiter):
                    on_wake(wake)
        except (RedisError, OSError):
            if not started:
                task_status.started()
                started = True
            await trio.sleep(RECONNECT_SECONDS)
        finally:
            pubsub.close()


def _next_messages(pubsub: PubSub) -> set[Wake]:
    """Wait for a message and return it with all that came meanwhile, each once."""
    wakes: set[Wake] = set()
    timeout = WAIT_SECONDS
    for _ in range(MOST):
        message = pubsub.get_message(timeout=timeout)
        if message is None:
            break
        kind, shard, feed = message["data"].decode().split(" ")
        wakes.add(Wake(cast("Literal['push', 'event', 'due', 'hook']", kind), int(shard), "" if feed == "-" else feed))
        timeout = 0
    return wakes
