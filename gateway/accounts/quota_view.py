"""A day of an account's quotas as `GET /v1/accounts/{account}/quota` shows it."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from queues.account import Account
from queues.limits.holds import Hold
from queues.limits.platform_day import DAY_SECONDS, ZONE
from queues.limits.quota import Ledger, Quota


class HeldView(Struct, frozen=True):
    """What rests, why and until when; then it is tried with one push (`until` is null: now)."""

    scope: Literal["account", "api", "template"]
    name: str
    kind: Literal["parked", "stopped"]
    reason: str
    until: datetime | None


class ToldView(Struct, frozen=True):
    """The platform's own count, which includes what other programs sent."""

    limit: int
    used: int
    at: datetime


class TemplateView(Struct, frozen=True):
    """The day of a template that has limits of its own (`limit` 0: not on the day)."""

    template: str
    limit: int
    spent: int
    left: int | None


class LedgerView(Struct, frozen=True):
    """One API's day. `reserved` are kept for high priority; `exhausted_at` is when the day ends early, at this pace.

    `parked_until` is when ordinary pushes go on that rest now; those of high priority may go meanwhile, while some are
    `left`.
    """

    api: str
    limit: int
    spent: int
    spent_high: int
    reserved: int
    left: int | None
    per_second: float
    exhausted_at: datetime | None
    parked_until: datetime | None
    platform: ToldView | None
    templates: list[TemplateView]


class QuotaView(Struct, frozen=True):
    """An account's day, which is the platform's (UTC+8)."""

    account: str
    day: str
    resets_at: datetime
    apis: list[LedgerView]
    held: list[HeldView]


def quota_view(account: Account, quota: Quota) -> QuotaView:
    """What is shown of a quota: APIs with limits, and those that were used today."""
    resets = quota.day_began + DAY_SECONDS
    return QuotaView(
        account=account.name,
        day=f"{_time(quota.day_began):%Y-%m-%d}",
        resets_at=_time(resets),
        apis=[_ledger(each, quota, resets) for each in quota.ledgers if each.api in account.limits or each.spent],
        held=[
            HeldView(each.scope, each.template or each.api, each.kind, each.reason, _until(each, quota.now))
            for each in quota.holds
        ],
    )


def _ledger(ledger: Ledger, quota: Quota, resets: float) -> LedgerView:
    left = max(0, ledger.limit - ledger.spent) if ledger.limit else None
    exhausted = None
    if left is not None:
        ends = quota.now + left / ledger.per_second if ledger.per_second else resets
        exhausted = _time(quota.now if not left else ends) if not left or ends < resets else None
    rests = [quota.now + each.seconds for each in quota.holds if each.holds_api(ledger.api)]
    if ledger.is_used_up(high=False):
        rests.append(resets)
    told = ledger.told
    return LedgerView(
        api=ledger.api,
        limit=ledger.limit,
        spent=ledger.spent,
        spent_high=max(0, ledger.spent - ledger.ordinary),
        reserved=ledger.reserved,
        left=left,
        per_second=round(ledger.per_second, 3),
        exhausted_at=exhausted,
        parked_until=_time(max(rests)) if rests else None,
        platform=ToldView(told.limit, told.used, _time(told.at)) if told else None,
        templates=[
            TemplateView(each.template, each.limit, each.spent, max(0, each.limit - each.spent) if each.limit else None)
            for each in ledger.templates
        ],
    )


def _until(hold: Hold, now: float) -> datetime | None:
    return _time(now + hold.seconds) if hold.seconds else None


def _time(seconds: float) -> datetime:
    """In the platform's zone, to the second: whoever reads it compares it with the platform's console."""
    return datetime.fromtimestamp(int(seconds), ZONE)
