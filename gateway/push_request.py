"""What upstreams post to `/v1/pushes`, checked item by item.

How it works: the request is decoded twice. First only its outline, which leaves each item as raw JSON; then each item
by itself, so that a bad one does not spoil the batch. What a channel asks of its pushes stands in `gateway/bodies/`.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct, ValidationError

from gateway.bodies.registry import body_for
from gateway.complaint import RejectedPushError, explain, nearest, quote
from gateway.push_item import NAMES, WAYS_OUT, PushItem
from gateway.settings import Upstream
from queues.account import Account, AccountKind
from queues.push import NewPush

MAX_PUSHES = 10_000


class PushBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """The outline of a request."""

    pushes: list[Raw]


class MalformedBatchError(ValueError):
    """The request is not `{"pushes": [...]}`, so there is nothing to take apart."""


class TooManyPushesError(ValueError):
    """The request has more items than one request may have."""


_outline = msgspec.json.Decoder(PushBatch)
_item = msgspec.json.Decoder(PushItem)


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

    def __init__(self, upstream: Upstream, accounts: Iterable[Account]) -> None:
        self._upstream = upstream.name
        self._kinds = {account.name: account.kind for account in accounts if upstream.may_use(account.name)}

    def read(self, raw: Raw, now: float) -> NewPush:
        """The push in an item; `now` is seconds since the epoch.

        Raises:
            RejectedPushError: it cannot be taken as it is.
        """
        try:
            item = _item.decode(raw)
        except ValidationError as error:
            raise explain(error, NAMES, WAYS_OUT) from error
        except (ValueError, RecursionError) as error:
            raise RejectedPushError("", "not valid JSON in UTF-8") from error
        kind = self._check_target(item)
        send_at, expire_at = _read_times(item, now)
        return NewPush(
            account=item.account,
            upstream=self._upstream,
            channel=item.channel,
            recipient=item.to,
            body=body_for(item, kind),
            priority=item.priority,
            idempotency_key=item.idempotency_key,
            accepted_at=now,
            send_at=send_at,
            expire_at=expire_at,
            tags=item.tags,
        )

    def _check_target(self, item: PushItem) -> AccountKind:
        kind = self._kinds.get(item.account)
        if kind is None:  # one answer for unknown and for not allowed: names are not told around
            advice = nearest(item.account, self._kinds)
            reason = f"{quote(item.account)} is not an account this upstream may push through{advice}"
            raise RejectedPushError(".account", reason)
        if not item.to.isascii() or not item.to.isprintable() or " " in item.to:
            raise RejectedPushError(".to", "has a space or a character that no OPENID has")
        return kind


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
