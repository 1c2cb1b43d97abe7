"""`/v1/pushes/{id}`: upstreams look up and cancel."""

from collections.abc import Awaitable, Callable

import trio

from gateway.authorization import Keyring, unauthorized
from gateway.http.messages import Request, Response
from gateway.http.problem import problem
from gateway.operation import Operation
from gateway.pushes.status import PushView, encode_status
from gateway.settings import Upstream
from gateway.store_trouble import STORE_TROUBLE, store_unavailable
from monitoring.names import PUSHES_FINISHED
from queues.push import PushStatus, State

LOOKUP_SECONDS = 3.0

Look = Callable[[str], Awaitable[PushStatus | None]]
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
    """Answers for single pushes. `look` and `cancel` are the store's."""

    def __init__(self, keyring: Keyring, *, look: Look, cancel: Cancel) -> None:
        self._keyring = keyring
        self._look = look
        self._cancel = cancel

    async def show(self, request: Request, push_id: str) -> Response:
        """`GET /v1/pushes/{id}`: a push of the upstream that asks."""
        upstream = self._keyring.find(request.headers)
        if upstream is None:
            return unauthorized()
        try:
            with trio.fail_after(LOOKUP_SECONDS):
                status = await self._owned(upstream, push_id)
        except STORE_TROUBLE:
            return store_unavailable("nothing was changed; ask again")
        return _json(200, encode_status(status)) if status else _no_push()

    async def cancel(self, request: Request, push_id: str) -> Response:
        """`DELETE /v1/pushes/{id}`: 200 if it is cancelled, now or before; 409 if it is being sent or is past that."""
        upstream = self._keyring.find(request.headers)
        if upstream is None:
            return unauthorized()
        try:
            with trio.fail_after(LOOKUP_SECONDS):
                before = await self._owned(upstream, push_id)
                if before is None:
                    return _no_push()
                state = await self._cancel(push_id)
                if state == "cancelled" != before.state:
                    PUSHES_FINISHED.labels(before.push.account, before.push.channel, state).inc()
                status = await self._owned(upstream, push_id)
        except STORE_TROUBLE:
            return store_unavailable("it may or may not be cancelled; repeating is safe")
        if state is None or status is None:  # its retention ended between two looks
            return _no_push()
        if state != "cancelled":
            return problem(409, "Too late to cancel", f"the push is {state}")
        return _json(200, encode_status(status))

    async def _owned(self, upstream: Upstream, push_id: str) -> PushStatus | None:
        """The push, unless it is another upstream's: those do not learn that it exists."""
        status = await self._look(push_id)
        return status if status and upstream.looks_after(status.push.upstream, status.push.account) else None


def _json(status: int, body: bytes) -> Response:
    return Response(status=status, body=body, content_type="application/json")


def _no_push() -> Response:
    return problem(404, "No such push", "there is none with this id, or its retention has ended")
