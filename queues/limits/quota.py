"""The day's ledgers of one account, and what of it rests: what `GET /v1/accounts/{account}/quota` shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import msgpack
from msgspec import Struct
from redis import Redis

from queues import keys
from queues.account import Account, ApiLimit
from queues.connection.facts import server_time
from queues.limits.holds import Hold, read_holds
from queues.limits.platform_day import DAY_SECONDS, day_begins, day_of
from queues.store import Store


class Told(Struct, frozen=True, kw_only=True):
    """What the platform said of an API's quota, at a time in seconds since the epoch."""

    limit: int
    used: int
    at: float


class TemplateDay(Struct, frozen=True, kw_only=True):
    """What a limited template had today; `limit` 0 is unlimited."""

    template: str
    limit: int
    spent: int


class Ledger(Struct, frozen=True, kw_only=True):
    """One API's day: `ordinary` of the `spent` were not of high priority; `per_second` is the pace of late."""

    api: str
    limit: int
    reserved: int
    spent: int
    ordinary: int
    per_second: float
    told: Told | None
    templates: Sequence[TemplateDay] = ()

    def is_used_up(self, *, high: bool) -> bool:
        """Whether nothing of the day is left for pushes of that priority."""
        return 0 < self.limit <= self.spent or (not high and 0 < self.limit - self.reserved <= self.ordinary)


class Quota(Struct, frozen=True, kw_only=True):
    """An account's ledgers of the day that began at `day_began`, and its holds; `now` is the store's clock."""

    now: float
    day_began: float
    ledgers: Sequence[Ledger]
    holds: Sequence[Hold]

    def rests_until(self, api: str, template: str, *, high: bool) -> float:
        """When a push goes on that is held back by a hold or by the day's end, as far as we know; else 0."""
        rests = [self.now + each.seconds for each in self.holds if each.seconds and each.holds(api, template)]
        if any(each.api == api and each.is_used_up(high=high) for each in self.ledgers):
            rests.append(self.day_began + DAY_SECONDS)
        return max(rests, default=0.0)


async def read_quota(store: Store, account: Account, apis: Collection[str]) -> Quota:
    """The ledgers of these APIs, and of those with a limit.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    wanted = sorted({*apis, *account.limits})
    return await store.call("quota", keys.holds(account.name), lambda client: _read(client, account, wanted))


async def note_told(store: Store, account: str, api: str, *, limit: int, used: int, exact: bool = False) -> int:
    """Keep what the platform says of today's quota; by how much our ledger was moved to it.

    `exact`: nothing is under way, so a count below ours is right, too: somebody cleared the quota. Otherwise the ledger
    never goes down, as what was leased and what is under way may count over there already.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    return await store.call(
        "note_told", keys.quota(account, api), lambda client: _note(client, account, api, limit, used, exact)
    )


async def claim_watch(store: Store, account: str, seconds: float) -> bool:
    """Whether this process is to ask the platform now; no other is for so long.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    key = keys.watch(account)
    return bool(await store.call("claim_watch", key, lambda client: client.set(key, 1, nx=True, ex=int(seconds))))


def _read(client: Redis, account: Account, apis: Sequence[str]) -> Quota:
    now = server_time(client)
    day = day_of(now)
    pipeline = client.pipeline(transaction=False)
    pipeline.hgetall(keys.holds(account.name))
    for api in apis:
        pipeline.hgetall(keys.ledger(account.name, api, day))
        pipeline.hgetall(keys.templates(account.name, api))
    holds, *found = pipeline.execute()
    ledgers = [
        _ledger(
            api,
            account.limit(api),
            cast("dict[bytes, bytes]", fields),
            now,
            _templates(account.limit(api), cast("dict[bytes, bytes]", templates), day),
        )
        for api, fields, templates in zip(apis, found[::2], found[1::2], strict=True)
    ]
    return Quota(now=now, day_began=day_begins(day), ledgers=ledgers, holds=read_holds(holds, now))


def _ledger(
    api: str, limit: ApiLimit, fields: Mapping[bytes, bytes], now: float, templates: Sequence[TemplateDay]
) -> Ledger:
    spent = int(fields.get(b"spent", 0))
    told = None
    if b"told" in fields:
        told_limit, used, at = fields[b"told"].split()
        told = Told(limit=int(told_limit), used=int(used), at=float(at))
    return Ledger(
        api=api,
        limit=limit.per_day,
        reserved=limit.per_day - limit.ordinary_per_day,
        spent=spent,
        ordinary=int(fields.get(b"ordinary", 0)),
        per_second=_pace(fields, spent, now),
        told=told,
        templates=templates,
    )


def _templates(limit: ApiLimit, fields: Mapping[bytes, bytes], day: int) -> list[TemplateDay]:
    """As `give_seats.lua` keeps them."""
    found = []
    for template, own in limit.templates.items():
        kept = fields.get(template.encode())
        on, spent = msgpack.unpackb(kept)[:2] if kept else (day, 0)
        found.append(TemplateDay(template=template, limit=own.per_day, spent=spent if on == day else 0))
    return found


def _pace(fields: Mapping[bytes, bytes], spent: int, now: float) -> float:
    """Since the mark before the last one (`lease.lua` sets one every ten minutes of use), or the first of the day."""
    mark = fields.get(b"before") or fields.get(b"mark")
    if mark is None:
        return 0.0
    at, had = mark.split()
    return max(0, spent - int(had)) / max(1.0, now - int(at))


def _note(client: Redis, account: str, api: str, limit: int, used: int, exact: bool) -> int:
    now = server_time(client)
    ledger = keys.ledger(account, api, day_of(now))
    spent, ordinary = (int(value or 0) for value in cast("Any", client.hmget(ledger, "spent", "ordinary")))
    moved = used - spent if exact else max(0, used - spent)
    pipeline: Any = client.pipeline(transaction=False)
    pipeline.hset(ledger, "told", f"{limit} {used} {now:.0f}")
    pipeline.hincrby(ledger, "spent", moved)
    pipeline.hincrby(ledger, "ordinary", min(0, spent + moved - ordinary))
    pipeline.expire(ledger, 2 * DAY_SECONDS)
    pipeline.execute()
    return moved
