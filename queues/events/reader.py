"""Reads accepted events for our own `dispatch` group.

Other consumers read the same streams in groups of their own; a group's pending list is the one authority on who works
on what.
"""

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct
from redis import Redis
from redis.exceptions import ResponseError

from queues.codec import UnknownSchemaError, unpack_event
from queues.event import CallbackEvent
from queues.keys import DISPATCH_GROUP
from queues.store import Store


class Entry(Struct, frozen=True):
    """One entry of an event stream; `event` is None if this program cannot read it."""

    id: str
    event: CallbackEvent | None


async def read_events(store: Store, shard: int, consumer: str, count: int) -> list[Entry]:
    """The next entries that nobody of the group has read yet; they are pending for `consumer` now.

    Raises:
        StoreUnavailableError: entries that were read but not received come back through `reread_events`.
    """
    return await _read(store, shard, consumer, count, after=">")


async def reread_events(store: Store, shard: int, consumer: str, count: int) -> list[Entry]:
    """The oldest entries that are pending for `consumer`: read, and perhaps never received or never settled.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    return await _read(store, shard, consumer, count, after="0")


async def _read(store: Store, shard: int, consumer: str, count: int, *, after: str) -> list[Entry]:
    stream = store.keys[shard].events

    def read(client: Redis) -> Any:
        return client.execute_command(
            "XREADGROUP", "GROUP", DISPATCH_GROUP, consumer, "COUNT", str(count), "STREAMS", stream, after
        )

    def read_or_create(client: Redis) -> Any:
        try:
            return read(client)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            client.xgroup_create(stream, DISPATCH_GROUP, id="0", mkstream=True)
            return read(client)

    return _entries(_only_stream(await store.call("read_events", stream, read_or_create)))


async def reclaim_events(store: Store, shard: int, consumer: str, idle_seconds: float, count: int) -> list[Entry]:
    """Take over entries that another consumer has left pending for that long.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    stream = store.keys[shard].events

    def reclaim(client: Redis) -> Any:
        try:
            return client.execute_command(
                "XAUTOCLAIM",
                stream,
                DISPATCH_GROUP,
                consumer,
                str(int(idle_seconds * 1000)),
                "0",
                "COUNT",
                str(count),
            )[1]
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            return []

    return _entries(await store.call("reclaim_events", stream, reclaim))


def _only_stream(reply: Any) -> list[Any]:
    """The entries of the one stream asked for: redis-py gives a map for RESP3, pairs for RESP2."""
    if not reply:
        return []
    if isinstance(reply, dict):
        [entries] = reply.values()
        return cast("list[Any]", entries)
    return cast("list[Any]", reply[0][1])


def _entries(rows: list[Any]) -> list[Entry]:
    return [Entry(entry_id.decode(), _event(fields)) for entry_id, fields in rows]


def _event(fields: Mapping[bytes, bytes] | None) -> CallbackEvent | None:
    """None for a pending entry whose stream was cut, and for what is no event of ours: to be acknowledged."""
    try:
        return unpack_event(fields[b"e"]) if fields else None
    except (KeyError, UnknownSchemaError):
        return None
