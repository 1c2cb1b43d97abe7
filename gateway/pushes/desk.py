"""`/v1/pushes/{id}`: upstreams look up and cancel."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from gateway.authorization import Keyring
from gateway.http.messages import Request, Response, json_response
from gateway.http.problem import ProblemError, answering
from gateway.operation import Operation
from gateway.pushes.status import WAITING, PushView, push_view
from gateway.settings import Upstream
from gateway.store_trouble import store_answers_within
from monitoring.names import PUSHES_FINISHED
from queues.account import Account
from queues.limits.quota import Quota
from queues.push import PushStatus, State

LOOKUP_SECONDS = 3.0

Look = Callable[[str], Awaitable[PushStatus | None]]
LookAtQuota = Callable[[Account, Sequence[str]], Awaitable[Quota]]
Cancel = Callable[[str], Awaitable[State | None]]


_ID = "^[0-9a-f]{1,2}-[0-9A-HJKMNP-TV-Z]{26}$"
SHOW = Operation(
    id="showPush",
    method="GET",
    path="/v1/pushes/{id}",
    summary="One push: its state, attempts, times and errors.",
    upstream=True,
    segment=_ID,
    answers={200: PushView},
    problems=(404, 503),
)
CANCEL = Operation(
    id="cancelPush",
    method="DELETE",
    path="/v1/pushes/{id}",
    summary="Cancel a push that nobody has begun to send.",
    upstream=True,
    segment=_ID,
    answers={200: PushView},
    problems=(404, 409, 503),
)


class PushDesk:
    """Answers for single pushes. `look`, `quota` and `cancel` are the store's."""

    def __init__(
        self, keyring: Keyring, accounts: Iterable[Account], *, look: Look, quota: LookAtQuota, cancel: Cancel
    ) -> None:
        self._keyring = keyring
        self._accounts = {account.name: account for account in accounts}
        self._look = look
        self._quota = quota
        self._cancel = cancel

    @answering
    async def show(self, request: Request, push_id: str) -> Response:
        """`GET /v1/pushes/{id}`: a push of the upstream that asks."""
        upstream = self._keyring.admit(request.headers)
        with store_answers_within(LOOKUP_SECONDS, "nothing was changed; ask again"):
            status = await self._owned(upstream, push_id)
            return json_response(push_view(status, await self._rests_until(status)))

    @answering
    async def cancel(self, request: Request, push_id: str) -> Response:
        """`DELETE /v1/pushes/{id}`: 200 if it is cancelled, now or before; 409 if it is being sent or is past that."""
        upstream = self._keyring.admit(request.headers)
        with store_answers_within(LOOKUP_SECONDS, "it may or may not be cancelled; repeating is safe"):
            before = await self._owned(upstream, push_id)
            state = await self._cancel(push_id)
            if state == "cancelled" != before.state:
                PUSHES_FINISHED.labels(before.push.account, before.push.channel, state).inc()
            status = await self._owned(upstream, push_id)
        if state != "cancelled":
            raise ProblemError(409, "Too late to cancel", f"the push is {status.state}")
        return json_response(push_view(status))

    async def _rests_until(self, status: PushStatus) -> float:
        """Until when something holds back a push that waits."""
        push, account = status.push, self._accounts.get(status.push.account)
        if status.state not in WAITING or account is None:
            return 0
        quota = await self._quota(account, (push.channel,))
        return quota.rests_until(push.channel, push.template_id, high=push.priority == "high")

    async def _owned(self, upstream: Upstream, push_id: str) -> PushStatus:
        """The push.

        Raises:
            ProblemError: 404, there is none, or it is another upstream's: those do not learn that it exists.
        """
        status = await self._look(push_id)
        if status is None or not upstream.looks_after(status.push.upstream, status.push.account):
            raise ProblemError(404, "No such push", "there is none with this id, or its retention has ended")
        return status
