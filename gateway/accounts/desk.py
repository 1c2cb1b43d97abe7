"""`/v1/accounts/{account}`: an account's quotas of the day, and an end to what holds it back. For operators.

An operator is an upstream with `operator = true`; it sees the accounts that it may push through.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence

import msgspec
import structlog
from msgspec import Struct

from gateway.accounts.quota_view import QuotaView, quota_view
from gateway.authorization import Keyring
from gateway.http.messages import Request, Response, json_response
from gateway.http.problem import ProblemError, answering
from gateway.operation import Operation
from gateway.store_trouble import store_answers_within
from queues.account import Account
from queues.limits.holds import ACCOUNT, api_field, template_field
from queues.limits.quota import Quota

log = structlog.get_logger()

SECONDS = 5.0


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
    """Answers operators about their accounts and the `apis` there are. `look` and `resume` are the store's."""

    def __init__(
        self,
        keyring: Keyring,
        accounts: Sequence[Account],
        apis: Collection[str],
        *,
        look: Callable[[Account, Collection[str]], Awaitable[Quota]],
        resume: Callable[..., Awaitable[int]],
    ) -> None:
        self._keyring = keyring
        self._accounts = {account.name: account for account in accounts}
        self._apis = apis
        self._look = look
        self._resume = resume

    @answering
    async def quota(self, request: Request, name: str) -> Response:
        """`GET /v1/accounts/{account}/quota`."""
        account = self._admit(request, name)
        with store_answers_within(SECONDS, "ask again"):
            quota = await self._look(account, self._apis)
        return json_response(quota_view(account, quota))

    @answering
    async def resume(self, request: Request, name: str) -> Response:
        """`POST /v1/accounts/{account}/resume`: 200 with how many holds were ended; repeating is safe."""
        account = self._admit(request, name)
        try:
            order = msgspec.json.decode(request.body or b"{}", type=ResumeOrder)
        except ValueError as error:  # msgspec's own errors, and bytes that are not UTF-8
            raise ProblemError(400, "Not understood", str(error)) from error
        fields = [api_field(order.api)] if order.api else []
        if order.template:
            fields += [template_field(api, order.template) for api in self._apis]
        with store_answers_within(SECONDS, "some may go on: repeating is safe"):
            ended = await self._resume(account.name, *fields)
        log.info("account resumed by hand", account=account.name, held=fields or [ACCOUNT], count=ended)
        return json_response(ResumeView(ended))

    def _admit(self, request: Request, name: str) -> Account:
        upstream = self._keyring.admit(request.headers)
        if not upstream.operator:
            raise ProblemError(403, "For operators", "this key's upstream is not an operator")
        account = self._accounts.get(name)
        if account is None or not upstream.may_use(name):
            # One answer for unknown and for not allowed: names are not told around.
            raise ProblemError(404, "Not found", "there is no such account for this upstream")
        return account
