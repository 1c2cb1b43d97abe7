"""`/v1/pushes`: upstreams enqueue, look up and cancel."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
import trio
from msgspec import Struct

from gateway.authorization import Keyring, unauthorized
from gateway.complaint import RejectedPushError
from gateway.idempotency import check_bound, fingerprint, idempotency_key
from gateway.messages import Request, Response
from gateway.problem import problem
from gateway.push_format import Item, PushFormat, format_of
from gateway.push_request import PushReader
from gateway.push_status import encode_status
from gateway.refused_batch import RefusedBatchError
from gateway.settings import Upstream
from gateway.store_trouble import STORE_TROUBLE, store_unavailable
from monitoring.names import PUSHES_ACCEPTED
from queues.account import Account
from queues.push import Accepted, NewPush, PushStatus, State
from queues.request_keys import BoundRequest, RequestKey

APPEND_SECONDS = 10.0  # 10,000 pushes behind 20,000 others take a few seconds
LOOKUP_SECONDS = 3.0
_READ_AT_ONCE = 50  # items read before callbacks get their turn again: under 1 ms, 5 ms if all are wrong
_JSON = "application/json"

Append = Callable[[Sequence[NewPush]], Awaitable[list[Accepted]]]
Bind = Callable[[RequestKey, float], Awaitable[BoundRequest]]
Look = Callable[[str], Awaitable[PushStatus | None]]
Cancel = Callable[[str], Awaitable[State | None]]


class PushResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item; a rejected one has no id."""

    id: str = ""
    status: str
    error: str = ""


class PushApi:
    """Answers upstreams. The callables are the store's, but for `clock`, which gives seconds since the epoch."""

    def __init__(
        self,
        upstreams: Iterable[Upstream],
        accounts: Iterable[Account],
        *,
        append: Append,
        bind: Bind,
        look: Look,
        cancel: Cancel,
        clock: Callable[[], float],
    ) -> None:
        upstreams, accounts = tuple(upstreams), tuple(accounts)
        self._keyring = Keyring(upstreams)
        self._readers = {upstream.name: PushReader(upstream, accounts) for upstream in upstreams}
        self._append = append
        self._bind = bind
        self._look = look
        self._cancel = cancel
        self._clock = clock

    async def enqueue(self, request: Request) -> Response:
        """`POST /v1/pushes`: 202 with a result an item, even if all are rejected."""
        upstream = self._keyring.find(request.headers)
        if upstream is None:
            return unauthorized()
        try:
            return await self._take(request, upstream.name)
        except RefusedBatchError as refusal:
            return refusal.response

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
                if await self._owned(upstream, push_id) is None:
                    return _no_push()
                state = await self._cancel(push_id)
                status = await self._owned(upstream, push_id)
        except STORE_TROUBLE:
            return store_unavailable("it may or may not be cancelled; repeating is safe")
        if state is None or status is None:  # its retention ended between two looks
            return _no_push()
        if state != "cancelled":
            return problem(409, "Too late to cancel", f"the push is {state}")
        return _json(200, encode_status(status))

    async def _take(self, request: Request, upstream: str) -> Response:
        form = format_of(request.headers)
        key = idempotency_key(request.headers)
        items = form.split(request.body)
        read: list[NewPush | RejectedPushError] = []
        try:
            with trio.fail_after(APPEND_SECONDS):
                bound = await self._bound(RequestKey(upstream, key, fingerprint(request.body))) if key else None
                read = await self._read(items, form, self._readers[upstream], bound)
                pushes = [push for push in read if isinstance(push, NewPush)]
                accepted = await self._append(pushes) if pushes else []
        except STORE_TROUBLE:
            _count(upstream, read, None)
            return store_unavailable(
                "some pushes may have been taken: repeat the request, which an idempotency key makes safe"
            )
        _count(upstream, read, accepted)
        return _json(202, msgspec.json.encode({"results": _results(read, accepted)}))

    async def _bound(self, request: RequestKey) -> BoundRequest:
        bound = await self._bind(request, self._clock())
        check_bound(bound, request)
        return bound

    async def _read(
        self, items: Sequence[Item], form: PushFormat, reader: PushReader, bound: BoundRequest | None
    ) -> list[NewPush | RejectedPushError]:
        """Each item as of now, or of when its request came first."""
        now = bound.accepted_at if bound else self._clock()
        read: list[NewPush | RejectedPushError] = []
        for index, item in enumerate(items):
            if index % _READ_AT_ONCE == _READ_AT_ONCE - 1:
                await trio.lowlevel.checkpoint()
            try:
                read.append(reader.read(item, now, form, bound.id_number(index) if bound else 0))
            except RejectedPushError as rejection:
                read.append(rejection)
        return read

    async def _owned(self, upstream: Upstream, push_id: str) -> PushStatus | None:
        """The push, unless it is another upstream's: those do not learn that it exists."""
        status = await self._look(push_id)
        return status if status and status.push.upstream == upstream.name else None


def _results(read: Sequence[NewPush | RejectedPushError], accepted: Sequence[Accepted]) -> list[PushResult]:
    done = iter(accepted)
    results = []
    for index, push in enumerate(read):
        if isinstance(push, RejectedPushError):
            results.append(PushResult(status="rejected", error=f"pushes[{index}]{push}"))
        else:
            taken = next(done)
            results.append(PushResult(id=taken.id, status=taken.status))
    return results


def _count(upstream: str, read: Sequence[NewPush | RejectedPushError], accepted: Sequence[Accepted] | None) -> None:
    """Count a request's items; `accepted` is None where the store took none that we know of.

    A rejected item's account and channel may be anything an upstream invents, so they are not labels.
    """
    done = iter(accepted or ())
    counts: Counter[tuple[str, str, str]] = Counter()
    for push in read:
        if isinstance(push, RejectedPushError):
            counts["other", "other", "rejected"] += 1
        else:
            counts[push.account, push.channel, "shed" if accepted is None else _result(next(done))] += 1
    for (account, channel, result), count in counts.items():
        PUSHES_ACCEPTED.labels(account, channel, upstream, result).inc(count)


def _result(accepted: Accepted) -> str:
    """The metric's label; a push is counted as queued once, however often its request comes."""
    return "duplicate" if accepted.repeated else accepted.status


def _json(status: int, body: bytes) -> Response:
    return Response(status=status, body=body, content_type=_JSON)


def _no_push() -> Response:
    return problem(404, "No such push", "there is none with this id, or its retention has ended")
