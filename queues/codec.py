"""How events and pushes stand in the store: a msgpack array that opens with its schema version.

A reader refuses a version it does not know; a new field is appended and gets a new version.
"""

from hashlib import blake2b
from typing import Any, cast

import msgpack
from msgspec.msgpack import Encoder

from queues.event import CallbackEvent
from queues.keys import read_queue_name
from queues.push import Fallback, NewPush, Priority, Push

SCHEMA_VERSION = 1

_pack = Encoder().encode  # half of what msgpack's own packb costs, for the same bytes

_RARE = ("time_zone", "fallback", "image", "trace")
"""A push's fields that stand in a map after the others, and only where they say anything: most pushes have none."""


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
    account, recipient, type_, name, created, key, msgid, status, identity, body, received = _fields(packed, 11)
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
    return _pack((*fields, {name: value for name in _RARE if (value := getattr(push, name))}))


def unpack_push(push_id: str, queue: str, packed: bytes) -> Push:
    """The push in a job.

    Raises:
        UnknownSchemaError: it was written by a program with another schema, or is not a push.
    """
    channel, recipient, body, accepted_at, send_at, expire_at, tags, *rest = _fields(packed, 7, most=8)
    rare: dict[str, Any] = rest[0] if rest else {}
    account, _, upstream, priority = read_queue_name(queue)
    return Push(
        id=push_id,
        account=account,
        upstream=upstream,
        channel=channel,
        recipient=recipient,
        body=body,
        priority=cast("Priority", priority),
        accepted_at=accepted_at,
        send_at=send_at,
        expire_at=expire_at,
        tags=tags,
        time_zone=rare.get("time_zone", ""),
        fallback=tuple(Fallback(channel, body, tuple(on)) for channel, body, on in rare.get("fallback", ())),
        image=rare.get("image", b""),
        trace=rare.get("trace", ""),
    )


def recipient_digest(account: str, recipient: str) -> bytes:
    """Twelve bytes that stand for a recipient where an OPENID must not."""
    return blake2b(f"{account}\0{recipient}".encode(), digest_size=12).digest()


def idempotency_digest(upstream: str, key: str) -> bytes:
    return blake2b(f"{upstream}\0{key}".encode(), digest_size=16).digest()


def _fields(packed: bytes, least: int, *, most: int = 0) -> list[Any]:
    try:
        version, *fields = msgpack.unpackb(packed)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise UnknownSchemaError("not a record of this store") from error
    if version != SCHEMA_VERSION or not least <= len(fields) <= max(least, most):
        raise UnknownSchemaError(f"schema version {version!r}, this program reads {SCHEMA_VERSION}")
    return cast("list[Any]", fields)
