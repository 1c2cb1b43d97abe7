"""What upstreams post to `/v1/pushes`, checked item by item.

How it works: the request is decoded twice. First only its outline, which leaves each item as raw JSON; then each item
by itself, so that a bad one does not spoil the batch. The structure is checked here, and the platform's rules for a
field's value (`thing` at most 20 characters, …) are not: they change, and the platform answers them best.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, ValidationError

from gateway.complaint import RejectedPushError, explain, nearest, quote, shorten
from gateway.settings import Upstream
from queues.push import NewPush, Priority

MAX_PUSHES = 10_000
CHANNELS = ("template",)
_MAX_BODY_BYTES = 16_384

_Name = Annotated[str, Meta(min_length=1, max_length=128)]
_Time = Annotated[datetime, Meta(tz=True)]


class TemplateValue(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field of a template message. The platform has ignored `color` since 2023, and still takes it."""

    value: str
    color: str = ""


class Miniprogram(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a tap leads, if the account has this mini program linked."""

    appid: _Name
    pagepath: str = ""


class PushItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One item of `pushes`. Lengths are in characters; the whole of what goes to the platform is at most 16 KiB."""

    account: _Name
    channel: _Name = "template"
    to: _Name
    template_id: Annotated[str, Meta(max_length=128)] = ""
    data: dict[_Name, str | TemplateValue] | None = None
    url: str = ""
    miniprogram: Miniprogram | None = None
    message: Raw = Raw()
    priority: Priority = "normal"
    idempotency_key: Annotated[str, Meta(max_length=128)] = ""
    send_at: _Time | None = None
    expire_at: _Time | None = None
    tags: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=32)], Annotated[str, Meta(max_length=64)]],
        Meta(max_length=8),
    ] = {}


class PushBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """The outline of a request."""

    pushes: list[Raw]


class TemplateBody(Struct, frozen=True, omit_defaults=True):
    """The platform's own object for a template message, but for the recipient and `client_msg_id`."""

    template_id: str
    data: dict[str, TemplateValue]
    url: str = ""
    miniprogram: Miniprogram | None = None


class MalformedBatchError(ValueError):
    """The request is not `{"pushes": [...]}`, so there is nothing to take apart."""


class TooManyPushesError(ValueError):
    """The request has more items than one request may have."""


_A_TIME = "RFC 3339 with an offset, as 2026-05-01T08:00:00+08:00"
_WAYS_OUT = {
    ".priority": "high, normal, bulk",
    ".send_at": _A_TIME,
    ".expire_at": _A_TIME,
    ".data": 'an object, as {"thing1": "text"}',
    ".data[...]": 'a string or {"value": "text"}',
    ".data[...].value": "a string, numbers too",
    ".tags[...]": "a string of at most 64 characters",
}
_NAMES = {
    "": PushItem.__struct_fields__,
    ".miniprogram": Miniprogram.__struct_fields__,
    ".data[...]": TemplateValue.__struct_fields__,
}
_outline = msgspec.json.Decoder(PushBatch)
_item = msgspec.json.Decoder(PushItem)
_encoder = msgspec.json.Encoder()


def split_batch(body: bytes) -> list[Raw]:
    """The items of a request, each still raw JSON.

    Raises:
        MalformedBatchError: not JSON, or not of the shape `{"pushes": [...]}`.
        TooManyPushesError: more than 10,000 items.
    """
    try:
        pushes = _outline.decode(body)
    except RecursionError as error:
        raise MalformedBatchError("the JSON is nested too deep") from error
    except ValueError as error:  # msgspec's own errors, and bytes that are not UTF-8
        raise MalformedBatchError(f'{error}; the body is {{"pushes": [...]}}') from error
    if len(pushes.pushes) > MAX_PUSHES:
        raise TooManyPushesError(f"{len(pushes.pushes)} pushes in one request; at most {MAX_PUSHES}: split it")
    return pushes.pushes


class PushReader:
    """Reads the items of one upstream."""

    def __init__(self, upstream: Upstream, accounts: Iterable[str]) -> None:
        self._upstream = upstream.name
        self._accounts = frozenset(name for name in accounts if upstream.may_use(name))

    def read(self, raw: Raw, now: float) -> NewPush:
        """The push in an item; `now` is seconds since the epoch.

        Raises:
            RejectedPushError: it cannot be taken as it is.
        """
        try:
            item = _item.decode(raw)
        except ValidationError as error:
            raise explain(error, _NAMES, _WAYS_OUT) from error
        except (ValueError, RecursionError) as error:
            raise RejectedPushError("", "not valid JSON in UTF-8") from error
        self._check_target(item)
        send_at, expire_at = _read_times(item, now)
        return NewPush(
            account=item.account,
            upstream=self._upstream,
            channel=item.channel,
            recipient=item.to,
            body=_template_body(item),
            priority=item.priority,
            idempotency_key=item.idempotency_key,
            accepted_at=now,
            send_at=send_at,
            expire_at=expire_at,
            tags=item.tags,
        )

    def _check_target(self, item: PushItem) -> None:
        if item.channel not in CHANNELS:
            reason = f"{quote(item.channel)} is an unknown channel; available: {', '.join(CHANNELS)}"
            raise RejectedPushError(".channel", reason)
        if item.account not in self._accounts:  # one answer for unknown and for not allowed: names are not told around
            advice = nearest(item.account, self._accounts)
            reason = f"{quote(item.account)} is not an account this upstream may push through{advice}"
            raise RejectedPushError(".account", reason)
        if not item.to.isascii() or not item.to.isprintable() or " " in item.to:
            raise RejectedPushError(".to", "has a space or a character that no OPENID has")


def _template_body(item: PushItem) -> bytes:
    if item.message:
        raise RejectedPushError(".message", "is for other channels; template takes template_id and data")
    if not item.template_id:
        raise RejectedPushError(".template_id", "required for channel template")
    if item.data is None:
        raise RejectedPushError(".data", "required for channel template")
    for key in item.data:
        if key.upper().endswith(".DATA"):
            reason = f"write '{shorten(key[:-5])}': .DATA belongs to the template's text alone"
            raise RejectedPushError(f".data.{shorten(key)}", reason)
    data = {key: TemplateValue(value) if isinstance(value, str) else value for key, value in item.data.items()}
    body = _encoder.encode(TemplateBody(item.template_id, data, item.url, item.miniprogram))
    if len(body) > _MAX_BODY_BYTES:
        raise RejectedPushError(
            "", f"{len(body)} bytes go to the platform; at most {_MAX_BODY_BYTES}: shorten data or url"
        )
    return body


def _read_times(item: PushItem, now: float) -> tuple[float, float]:
    """`send_at` and `expire_at` in seconds since the epoch; 0 where unset. A `send_at` in the past means now."""
    send_at = max(item.send_at.timestamp(), 0) if item.send_at else 0
    if not item.expire_at:
        return send_at, 0
    expire_at = item.expire_at.timestamp()
    if expire_at <= now:
        raise RejectedPushError(".expire_at", "is in the past, so it would never be sent")
    if expire_at <= send_at:
        raise RejectedPushError(".expire_at", "is not after send_at, so it would never be sent")
    return send_at, expire_at
