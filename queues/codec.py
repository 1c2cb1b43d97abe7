"""How events and pushes stand in the store: a msgpack array that opens with its schema version.

A reader refuses a version it does not know; a new field is appended and gets a new version.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import cast

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from queues.event import CallbackEvent
from queues.keys import read_queue_name
from queues.push import Ended, Fallback, NewPush, Priority, Push, State

SCHEMA_VERSION = 1

_pack = Encoder().encode  # half of what msgpack's own packb costs, for the same bytes


class _Rare(Struct, frozen=True):
    """A push's fields that stand in a map after the others, and only where they say anything: most pushes have none."""

    time_zone: str = ""
    fallback: tuple[Fallback, ...] = ()
    image: bytes = b""
    trace: str = ""


class _Push(Struct, frozen=True, array_like=True):
    version: int
    channel: str
    recipient: str
    body: bytes
    accepted_at: float
    send_at: float
    expire_at: float
    tags: dict[str, str]
    rare: _Rare = _Rare()


# Read by their types: whatever else may have written a record, nothing of a wrong type gets any further than here.
_read_event = Decoder(tuple[int, str, str, str, str, int, str, str, str, bytes, bytes, float]).decode
_read_push = Decoder(_Push).decode


class UnknownSchemaError(Exception):
    """The bytes are not of a schema version this program reads."""


def pack_event(event: CallbackEvent) -> bytes:
    return _pack(
        (
            SCHEMA_VERSION,
            event.account,
            event.recipient,
            event.type,
            event.name,
            event.created,
            event.key,
            event.msgid,
            event.status,
            event.identity,
            event.body,
            event.received,
        )
    )


def unpack_event(packed: bytes) -> CallbackEvent:
    """The event in a stream entry's field `e`.

    Raises:
        UnknownSchemaError: it was written by a program with another schema, or is not an event.
    """
    try:
        version, account, recipient, type_, name, created, key, msgid, status, identity, body, received = _read_event(
            packed
        )
    except (ValueError, RecursionError) as error:
        raise UnknownSchemaError("not an event of this store") from error
    _check(version)
    return CallbackEvent(
        account=account,
        recipient=recipient,
        type=type_,
        name=name,
        created=created,
        key=key,
        msgid=msgid,
        status=status,
        identity=identity,
        body=body,
        received=received,
    )


def pack_push(push: NewPush | Push) -> bytes:
    """A job's payload, which only a move to another channel changes.

    Account, API, upstream and priority stand in the job's queue name, once.
    """
    fields = (
        SCHEMA_VERSION,
        push.channel,
        push.recipient,
        push.body,
        push.accepted_at,
        push.send_at,
        push.expire_at,
        push.tags,
    )
    if not (push.time_zone or push.fallback or push.image or push.trace):
        return _pack(fields)
    return _pack((*fields, {name: value for name in _Rare.__struct_fields__ if (value := getattr(push, name))}))


def unpack_push(push_id: str, queue: str, packed: bytes) -> Push:
    """The push in a job.

    Raises:
        UnknownSchemaError: it was written by a program with another schema, or is not a push.
    """
    try:
        found = _read_push(packed)
        account, _, upstream, priority = read_queue_name(queue)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnknownSchemaError("not a push of this store") from error
    _check(found.version)
    return Push(
        id=push_id,
        account=account,
        upstream=upstream,
        channel=found.channel,
        recipient=found.recipient,
        body=found.body,
        priority=cast("Priority", priority),
        accepted_at=found.accepted_at,
        send_at=found.send_at,
        expire_at=found.expire_at,
        tags=found.tags,
        time_zone=found.rare.time_zone,
        fallback=found.rare.fallback,
        image=found.rare.image,
        trace=found.rare.trace,
    )


def push_in(push_id: bytes, queue: bytes, packed: bytes) -> Push | None:
    """The push in a job as a script gives it; None if it is not one that this program reads.

    Such a push is left to programs that do: it must not end the worker that came upon it, nor the next one.
    """
    try:
        return unpack_push(push_id.decode(), queue.decode(), packed)
    except (UnknownSchemaError, UnicodeDecodeError):
        return None


def ended_in(flat: Sequence[bytes]) -> list[Ended]:
    """The pushes that a script has ended, from id, queue, payload and state of each; without those not read here."""
    return [
        Ended(push, cast("State", flat[i + 3].decode()))
        for i in range(0, len(flat), 4)
        if (push := push_in(*flat[i : i + 3]))
    ]


def recipient_digest(account: str, recipient: str) -> bytes:
    """Twelve bytes that stand for a recipient where an OPENID must not."""
    return blake2b(f"{account}\0{recipient}".encode(), digest_size=12).digest()


def idempotency_digest(upstream: str, key: str) -> bytes:
    return blake2b(f"{upstream}\0{key}".encode(), digest_size=16).digest()


def _check(version: int) -> None:
    if version != SCHEMA_VERSION:
        raise UnknownSchemaError(f"schema version {version}, this program reads {SCHEMA_VERSION}")
