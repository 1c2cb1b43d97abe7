"""`/v1/accounts/{account}`: an account's quotas of the day, and an end to what holds it back. For operators.

An operator is an upstream with `operator = true`; it sees the accounts that it may push through.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import msgspec
import structlog
import trio
from msgspec import Struct

from gateway.authorization import Keyring, unauthorized
from gateway.http.messages import Request, Response
from gateway.http.problem import problem
from gateway.operation import Operation
from gateway.settings import Upstream
from gateway.store_trouble import STORE_TROUBLE, store_unavailable
from queues.account import Account
from queues.holds import ACCOUNT, Hold, api_field, template_field
from queues.quota import DAY_SECONDS, Ledger, Quota

log = structlog.get_logger()

SECONDS = 5.0
_SHANGHAI = timezone(timedelta(hours=8))


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
    """One API's day. `reserved` are kept for high priority; `exhausted_at` is when the day ends early, at this pace."""

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


class ResumeOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to go on: one API, one template, or (neither) all that rests."""

    api: str = ""
    template: str = ""


class ResumeView(Struct, frozen=True):
    """How many holds were ended."""

    resumed: int


QUOTA = Operation(
    id="showQuota",
    method="GET",
    path="/v1/accounts/{account}/quota",
    summary="An account's day, API by API, and what rests.",
    upstream=True,
    answers={200: QuotaView},
    problems=(403, 404, 503),
)
RESUME = Operation(
    id="resume",
    method="POST",
    path="/v1/accounts/{account}/resume",
    summary="End what holds an account back, once its cause is mended.",
    upstream=True,
    bodies={"application/json": ResumeOrder},
    needs_body=False,
    answers={200: ResumeView},
    problems=(400, 403, 404, 413, 503),
)


class AccountDesk:
    """Answers operators. `look` and `resume` are the store's."""

    def __init__(
        self,
        keyring: Keyring,
        accounts: Sequence[Account],
        *,
        look: Callable[[Account, Sequence[str]], Awaitable[Quota]],
        resume: Callable[..., Awaitable[int]],
    ) -> None:
        self._keyring = keyring
        self._accounts = {account.name: account for account in accounts}
        self._look = look
        self._resume = resume

    async def quota(self, request: Request, name: str) -> Response:
        """`GET /v1/accounts/{account}/quota`."""
        account = self._admit(request, name)
        if isinstance(account, Response):
            return account
        try:
            with trio.fail_after(SECONDS):
                quota = await self._look(account, ())
        except STORE_TROUBLE:
            return store_unavailable("ask again")
        return _json(view(account, quota))

    async def resume(self, request: Request, name: str) -> Response:
        """`POST /v1/accounts/{account}/resume`: 200 with how many holds were ended; repeating is safe."""
        account = self._admit(request, name)
        if isinstance(account, Response):
            return account
        try:
            order = msgspec.json.decode(request.body or b"{}", type=ResumeOrder)
        except msgspec.MsgspecError as error:
            return problem(400, "Not understood", str(error))
        fields = [api_field(order.api)] if order.api else []
        if order.template:
            fields.append(template_field(order.template))
        try:
            with trio.fail_after(SECONDS):
                ended = await self._resume(account.name, *fields)
        except STORE_TROUBLE:
            return store_unavailable("some may go on: repeating is safe")
        log.info("account resumed by hand", account=account.name, held=fields or [ACCOUNT], count=ended)
        return _json(ResumeView(ended))

    def _admit(self, request: Request, name: str) -> Account | Response:
        upstream: Upstream | None = self._keyring.find(request.headers)
        if upstream is None:
            return unauthorized()
        if not upstream.operator:
            return problem(403, "For operators", "this key's upstream is not an operator")
        account = self._accounts.get(name)
        if account is None or not upstream.may_use(name):
            # One answer for unknown and for not allowed: names are not told around.
            return problem(404, "Not found", "there is no such account for this upstream")
        return account


def view(account: Account, quota: Quota) -> QuotaView:
    """What is shown of a quota."""
    resets = quota.day_began + DAY_SECONDS
    return QuotaView(
        account=account.name,
        day=f"{_time(quota.day_began):%Y-%m-%d}",
        resets_at=_time(resets),
        apis=[_ledger(ledger, quota, resets) for ledger in quota.ledgers],
        held=[HeldView(each.scope, each.name, each.kind, each.reason, _until(each, quota.now)) for each in quota.holds],
    )


def _ledger(ledger: Ledger, quota: Quota, resets: float) -> LedgerView:
    left = max(0, ledger.limit - ledger.spent) if ledger.limit else None
    exhausted = None
    if left is not None:
        ends = quota.now + left / ledger.per_second if ledger.per_second else resets
        exhausted = _time(quota.now if not left else ends) if not left or ends < resets else None
    resting = [
        each for each in quota.holds if each.scope == "account" or (each.scope, each.name) == ("api", ledger.api)
    ]
    parked = max((each.seconds for each in resting), default=None)
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
        parked_until=None if parked is None else _time(quota.now + parked),
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
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(_SHANGHAI)


def _json(document: Struct) -> Response:
    return Response(status=200, body=msgspec.json.encode(document), content_type="application/json")
