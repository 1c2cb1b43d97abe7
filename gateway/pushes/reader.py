"""What upstreams post to `/v1/pushes`, checked item by item.

How it works: `format` takes the request apart, and each item is read by itself, so that a bad one does not spoil
the batch. What a channel asks of its pushes stands in `gateway/pushes/bodies/`.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from msgspec import Struct, ValidationError

from gateway.pushes.bodies.registry import body_for
from gateway.pushes.complaint import ForeignAccountError, RejectedPushError, explain, nearest, quote
from gateway.pushes.culprit import name_key
from gateway.pushes.fallback import read_fallback
from gateway.pushes.format import JSON, Item, PushFormat
from gateway.pushes.item import NAMES, WAYS_OUT, Image, PushItem
from gateway.pushes.weigher import LIGHT_BYTES, weigh
from gateway.settings import Upstream
from queues.account import Account
from queues.push import NewPush
from queues.time_zone import zone_of

_END_OF_9999: Final = 253_402_300_800.0


class PicturedItem(Struct, frozen=True):
    """An item whose picture must be taken in before it is a push."""

    item: PushItem
    image: Image
    send_at: float
    number: int


class PushReader:
    """Reads the items of one upstream."""

    def __init__(self, upstream: Upstream, accounts: Iterable[Account], *, any_link: str = "") -> None:
        """`any_link` is as long as the links to pictures are; empty where there are none."""
        self._upstream = upstream.name
        self._is_bounded = bool(upstream.accounts)
        self._has_webhook = bool(upstream.webhook_url)
        self._any_link = any_link
        self._accounts = {account.name: account for account in accounts if upstream.may_use(account.name)}
        self.accounts = tuple(self._accounts)

    def read(self, raw: Item, now: float, form: PushFormat = JSON, number: int = 0) -> NewPush | PicturedItem:
        """The push in an item, or what it is to be made of once its picture is taken in.

        `now` is seconds since the epoch, `number` what its id is to be made of (0: fresh).

        Raises:
            RejectedPushError: it cannot be taken as it is.
        """
        try:
            if len(raw) > LIGHT_BYTES:
                weigh(form.parts(raw), len(raw))
            item = form.decode(raw)
        except RejectedPushError:
            raise
        except ValidationError as error:
            raise name_key(explain(error, NAMES, WAYS_OUT), partial(form.outline, raw)) from error
        except (ValueError, RecursionError) as error:
            raise RejectedPushError("", form.broken) from error
        if item.image is None:
            return self.complete(item, now, number)
        # Nothing is fetched for a push that would be refused anyway.
        would_be = self.complete(item, now, number, link=self._any_link)
        return PicturedItem(item, item.image, would_be.send_at, number)

    def complete(self, item: PushItem, now: float, number: int = 0, *, digest: bytes = b"", link: str = "") -> NewPush:
        """The push of an item, whose picture is known by `digest` and `link`.

        Raises:
            RejectedPushError: it cannot be taken as it is.
        """
        account = self._check_target(item)
        send_at, expire_at = _read_times(item, now)
        return NewPush(
            account=item.account,
            upstream=self._upstream,
            channel=item.channel,
            recipient=item.to,
            body=body_for(item, account, link),
            fallback=read_fallback(item, account, link) if item.fallback else (),
            image=digest,
            priority=item.priority,
            idempotency_key=item.idempotency_key,
            accepted_at=now,
            send_at=send_at,
            expire_at=expire_at,
            tags=item.tags,
            time_zone=_read_zone(item),
            notify=self._read_notify(item),
            id_number=number,
        )

    def _read_notify(self, item: PushItem) -> bool:
        if item.notify and not self._has_webhook:
            raise RejectedPushError(".notify", "this upstream has no webhook_url in the configuration")
        return item.notify

    def _check_target(self, item: PushItem) -> Account:
        account = self._accounts.get(item.account)
        if account is None:  # one answer for unknown and for not allowed: names are not told around
            advice = nearest(item.account, self._accounts)
            reason = f"{quote(item.account)} is not an account this upstream may push through{advice}"
            raise (ForeignAccountError if self._is_bounded else RejectedPushError)(".account", reason)
        if not item.to.isascii() or not item.to.isprintable() or " " in item.to:
            raise RejectedPushError(".to", "has a space or a character that no OPENID has")
        return account


def _read_zone(item: PushItem) -> str:
    if item.time_zone:
        try:
            zone_of(item.time_zone)
        except ValueError as error:
            raise RejectedPushError(".time_zone", str(error)) from error
    return item.time_zone


def _read_times(item: PushItem, now: float) -> tuple[float, float]:
    """`send_at` and `expire_at` in seconds since the epoch; 0 where unset. A `send_at` in the past means now."""
    send_at = max(_seconds(".send_at", item.send_at), 0) if item.send_at else 0
    if not item.expire_at:
        return send_at, 0
    expire_at = _seconds(".expire_at", item.expire_at)
    if expire_at <= now:
        raise RejectedPushError(".expire_at", "is in the past, so it would never be sent")
    if expire_at <= send_at:
        raise RejectedPushError(".expire_at", "is not after send_at, so it would never be sent")
    return send_at, expire_at


def _seconds(path: str, moment: datetime) -> float:
    """A moment west of Greenwich may be of a year that no `datetime` in UTC has, and could not be shown again."""
    seconds = moment.timestamp()
    if seconds >= _END_OF_9999:
        raise RejectedPushError(path, "is after the year 9999 in UTC")
    return seconds
