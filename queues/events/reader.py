"""Reads accepted events for our own `dispatch` group.

Other consumers read the same streams in groups of their own; a group's pending list is the one authority on who works
on what.
"""

from collections.abc import Sequence

from msgspec import Struct

from queues import scripts
from queues.codec import UnknownSchemaError, unpack_event
from queues.event import CallbackEvent
from queues.keys import DISPATCH_GROUP
from queues.scripts import Call
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
    return await _run(store, "read_events", shard, consumer, count, ">")


async def reread_events(store: Store, shard: int, consumer: str, count: int) -> list[Entry]:
    """The oldest entries that are pending for `consumer`: read, and perhaps never received or never settled.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    return await _run(store, "read_events", shard, consumer, count, "0")


async def reclaim_events(store: Store, shard: int, consumer: str, idle_seconds: float, count: int) -> list[Entry]:
    """Take over entries that another consumer has left pending for that long.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    return await _run(store, "reclaim_events", shard, consumer, count, int(idle_seconds * 1000))


async def _run(store: Store, script: str, shard: int, consumer: str, count: int, which: str | int) -> list[Entry]:
    call = Call(scripts.load(script), (store.keys[shard].events,), (DISPATCH_GROUP, consumer, count, which))
    [rows] = await store.run(script, [call])
    return [Entry(entry_id.decode(), _event(flat)) for entry_id, flat in rows]


def _event(flat: Sequence[bytes] | None) -> CallbackEvent | None:
    """None for a pending entry whose stream was cut, and for what is no event of ours: to be acknowledged."""
    fields = dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {}
    try:
        return unpack_event(fields[b"e"])
    except (KeyError, UnknownSchemaError):
        return None
