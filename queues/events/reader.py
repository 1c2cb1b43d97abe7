"""Reads accepted events for our own `dispatch` group, and settles them.

Other consumers read the same streams in groups of their own; a group's pending list is the one authority on who works
on what.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, cast

from msgspec import Struct
from redis import Redis
from redis.exceptions import ResponseError

from queues import scripts
from queues.codec import UnknownSchemaError, push_in, recipient_digest, unpack_event
from queues.event import MASS_EVENT, CallbackEvent
from queues.events.mass import told_by_mass
from queues.events.subscriptions import CHOICE_EVENTS, SENT_EVENT, read_choices, read_sent
from queues.events.windows import opening_of
from queues.keys import DISPATCH_GROUP, EARLY_RECEIPT_SECONDS
from queues.push import RETAIN_SECONDS, Push
from queues.scripts import Call
from queues.store import Store

RECEIPT_EVENT = "templatesendjobfinish"

_Fact = tuple[str, str, str, str, bytes]
"""Kind, account, msgid, what is told or template, digest of the recipient: as `settle_events.lua` takes them."""
_NOTHING: _Fact = ("other", "", "", "", b"")


class Entry(Struct, frozen=True):
    """One entry of an event stream; `event` is None if this program cannot read it."""

    id: str
    event: CallbackEvent | None


class Receipted(Struct, frozen=True):
    """A push that its receipt finished."""

    push: Push
    state: Literal["delivered", "failed"]


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


async def settle_events(
    store: Store,
    shard: int,
    entries: Sequence[Entry],
    *,
    retain_seconds: float = RETAIN_SECONDS,
    windowed: Collection[str] = (),
) -> list[Receipted]:
    """Match receipts, keep suppressions true to what recipients decide, acknowledge; the pushes that are final now.

    For accounts in `windowed` what recipients do opens the windows in which they may be answered.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    if not entries:
        return []
    keys = store.keys[shard]
    arguments: list[object] = [keys.prefix, DISPATCH_GROUP, int(retain_seconds * 1000), EARLY_RECEIPT_SECONDS]
    for entry in entries:
        for fact in _facts(entry):
            arguments += (entry.id, *fact)
        if entry.event is not None and entry.event.account in windowed:
            arguments += _opened(entry.id, entry.event)
    [flat] = await store.run(
        "settle_events", [Call(scripts.load("settle_events"), (keys.events, keys.suppressed), arguments)]
    )
    return [
        Receipted(push, cast("Literal['delivered', 'failed']", state.decode()))
        for state, push_id, queue, payload in (flat[i : i + 4] for i in range(0, len(flat), 4))
        if (push := push_in(push_id, queue, payload))
    ]


def _facts(entry: Entry) -> list[_Fact]:
    """What an event says that concerns pushes; `other` if nothing."""
    event = entry.event
    if event is None:
        return [_NOTHING]
    account = event.account
    recipient = recipient_digest(account, event.recipient)
    if event.name in (RECEIPT_EVENT, MASS_EVENT):
        status = _one_line(event.status)
        told = status if event.name == RECEIPT_EVENT else told_by_mass(status, event.body)
        return [("receipt", account, event.msgid, told, recipient)]
    if event.name == SENT_EVENT:
        notices = read_sent(event.body)
        return [("receipt", account, sent.msgid, _one_line(sent.status), recipient) for sent in notices] or [_NOTHING]
    if event.name in ("subscribe", "unsubscribe"):
        return [(event.name, account, "", "", recipient)]
    if event.name in CHOICE_EVENTS:
        return [
            ("accept" if choice.accepted else "reject", account, "", choice.template, recipient)
            for choice in read_choices(event.body)
        ] or [_NOTHING]
    return [_NOTHING]


def _one_line(status: str) -> str:
    """What follows a line break is JSON to `receipts.lua`, and shown as such."""
    return " ".join(status.split())


def _opened(entry_id: str, event: CallbackEvent) -> tuple[object, ...]:
    """The fact that an event opens a window, if it does; by the platform's clock, since it is the platform's window."""
    opening = opening_of(event)
    if opening is None:
        return ()
    ends = (event.created + opening.seconds) * 1000
    recipient = recipient_digest(event.account, event.recipient)
    return (entry_id, "window", event.account, ends, opening.messages, recipient)


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
