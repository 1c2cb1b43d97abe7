"""Wake-ups: scripts that give pushers something to do say so on one channel, so that nobody has to poll.

A message may be lost (a connection broke); every listener looks for itself now and then as well. In a Cluster every
server passes on what was published on any other, so it is enough to listen to one. Anybody who may talk to the store
may publish there, also from its other databases, so what is no wake-up of this store's shards is passed over.
"""

import re
from collections.abc import Callable
from typing import Any, Literal, cast

import trio
from msgspec import Struct
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from queues.connection.loop_connection import LoopConnection, pack
from queues.keys import WAKE_CHANNEL
from queues.store import Store

RECONNECT_SECONDS = 1.0
PING_SECONDS, ANSWER_SECONDS = 5.0, 3.0
"""Of silence, before and after we ask: a server that vanished with its machine never ends the connection."""

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
    """Call `on_wake` for each wake-up until cancelled; reconnects by itself. Started after the first try to connect."""
    started = False
    while True:
        connection: LoopConnection | None = None
        try:
            connection = await LoopConnection.open(store.client)
            await _ask(connection, "SUBSCRIBE", WAKE_CHANNEL)
            if not started:
                task_status.started()
                started = True
            await _pass_on(connection, store.shards, on_wake)
        except (RedisError, OSError):
            if not started:
                task_status.started()
                started = True
            await trio.sleep(RECONNECT_SECONDS)
        finally:
            if connection is not None:
                connection.close()


async def _pass_on(connection: LoopConnection, shards: int, on_wake: Callable[[Wake], None]) -> None:
    """Until cancelled, or with a RedisError when the connection breaks or the server is silent for too long."""
    while True:
        message = await _hear(connection, PING_SECONDS)
        if message is None:
            message = await _ask(connection, "PING")
        wake = _read(message)
        if wake is not None and wake.shard < shards:
            on_wake(wake)


async def _ask(connection: LoopConnection, *command: str) -> Any:
    """The answer, or whatever comes first. Raises RedisError if nothing does."""
    await connection.write([pack(command)])
    message = await _hear(connection, ANSWER_SECONDS)
    if message is None:
        raise RedisConnectionError("the server is silent")
    return message


async def _hear(connection: LoopConnection, seconds: float) -> Any:
    """What the server says next; None if it is silent for so long."""
    with trio.move_on_after(seconds):
        return await connection.read(push=True)
    return None


def _read(message: Any) -> Wake | None:
    """The wake-up in a message from the channel; None for anything else."""
    match message:
        case [b"message", _, bytes(text)] if found := _WAKE.fullmatch(text):
            kind, shard, feed = found.groups()
        case _:
            return None
    return Wake(
        cast("Literal['push', 'event', 'due', 'hook']", kind.decode()),
        int(shard),
        "" if feed == _NO_FEED else feed.decode(),
    )
