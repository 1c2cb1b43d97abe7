"""`POST /v1/pushes`: upstreams enqueue.

How it works: what can be said cheaply is said first: the key, room for any push at all, the form, the rate. Then the
items are read one by one, and if there is room for all that are right, they are appended. Nothing of a refused request
is taken.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import trio
from msgspec import structs

from gateway.authorization import Keyring, unauthorized
from gateway.http.messages import Request, Response
from gateway.http.problem import ProblemError
from gateway.http.request_id import HEADER, request_id_of
from gateway.operation import Operation
from gateway.pushes.admission import Overfull, PushAdmission
from gateway.pushes.batch_reader import BatchReader
from gateway.pushes.complaint import ForeignAccountError, RejectedPushError
from gateway.pushes.format import PushBatch, format_of
from gateway.pushes.idempotency import KEY_FIELD, check_bound, fingerprint, idempotency_key
from gateway.pushes.item import PushItem
from gateway.pushes.log import PushLog
from gateway.pushes.rate_limit import ChargeRate, UpstreamRates, retry_after
from gateway.pushes.results import PushResults, count_items, count_refused, encode_results
from gateway.pushes.upstream_memory import UpstreamMemory
from gateway.pushes.upstream_turns import UpstreamTurns
from gateway.settings import Upstream
from gateway.store_trouble import STORE_TROUBLE, store_unavailable
from monitoring.traces import Traces
from queues.push import Accepted, NewPush
from queues.pushes.request_keys import BoundRequest, RequestKey

APPEND_SECONDS = 10.0  # 10,000 pushes behind 20,000 others take a few seconds
_ACCEPTED = 202

Append = Callable[[Sequence[NewPush]], Awaitable[list[Accepted]]]
Bind = Callable[[RequestKey, float], Awaitable[BoundRequest]]


ENQUEUE = Operation(
    id="enqueue",
    method="POST",
    path="/v1/pushes",
    summary="Enqueue up to 10,000 pushes; each is judged by itself.",
    upstream=True,
    headers={"Idempotency-Key": KEY_FIELD},
    bodies={"application/json": PushBatch, "application/x-ndjson": PushItem, "application/msgpack": PushBatch},
    answers={202: PushResults},
    problems=(400, 403, 413, 415, 422, 429, 503),
)


class PushIntake:
    """Takes pushes in. `readers` has one for each upstream, by its name; `append`, `bind` and `charge` are the store's.

    `clock` gives seconds since the epoch. Without `traces` nothing is traced.
    """

    def __init__(
        self,
        keyring: Keyring,
        readers: Mapping[str, BatchReader],
        admission: PushAdmission,
        *,
        append: Append,
        bind: Bind,
        charge: ChargeRate,
        clock: Callable[[], float],
        log: PushLog | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._keyring = keyring
        self._readers = readers
        self._admission = admission
        self._rates = UpstreamRates(charge)
        self._turns = {upstream: UpstreamTurns() for upstream in readers}
        self._memory = {upstream: UpstreamMemory(upstream) for upstream in readers}
        self._append = append
        self._bind = bind
        self._clock = clock
        self._log = log or PushLog()
        self._traces = traces

    async def enqueue(self, request: Request) -> Response:
        """`POST /v1/pushes`: 202 with a result an item, even if all are rejected."""
        if self._traces is None:
            return await self._enqueue(request, "")
        span = self._traces.begin("enqueue pushes", request.headers.get(b"traceparent", b"").decode("ascii", "replace"))
        response = await self._enqueue(request, span.carrier)
        span.end({"http.response.status_code": response.status}, failed=response.status != _ACCEPTED)
        return response

    async def _enqueue(self, request: Request, trace: str) -> Response:
        """`trace` is where a traced request's pushes go on from; empty for others."""
        request_id = request_id_of(request.headers)
        upstream = self._keyring.find(request.headers)
        response = await self._answer(request, upstream, request_id, trace) if upstream else unauthorized().response
        if response.status != _ACCEPTED:
            self._log.refused(request_id, upstream.name if upstream else "", response, trio.current_time())
        return structs.replace(response, headers=(*response.headers, (HEADER, request_id.encode())))

    async def _answer(self, request: Request, upstream: Upstream, request_id: str, trace: str) -> Response:
        try:
            with trio.fail_after(APPEND_SECONDS), self._memory[upstream.name].hold(len(request.body)):
                return await self._take(request, upstream, request_id, trace)
        except ProblemError as refusal:
            return refusal.response
        except STORE_TROUBLE:
            count_refused(upstream.name)
            return store_unavailable(
                "some pushes may have been taken: repeat the request, which an idempotency key makes safe"
            ).response

    async def _take(self, request: Request, upstream: Upstream, request_id: str, trace: str) -> Response:
        reader = self._readers[upstream.name]
        self._check_room(upstream.name, self._admission.refuses_any(reader.accounts, trio.current_time()))
        await self._rates.check(upstream)
        form = format_of(request.headers)
        key = idempotency_key(request.headers)
        items = form.split(request.body)
        headers = await self._rates.charged(upstream, len(items))
        bound = await self._bound(RequestKey(upstream.name, key, fingerprint(request.body))) if key and items else None
        async with self._turns[upstream.name].turn(len(items)):
            read = await reader.read(items, form, bound)
            accepted = await self._append_room(upstream.name, read, trace)
        count_items(upstream.name, read, accepted)
        _check_accounts(read)
        self._log.taken(request_id, upstream.name, accepted, len(read) - len(accepted), trio.current_time(), trace)
        body = encode_results(read, accepted)
        return Response(status=_ACCEPTED, body=body, content_type="application/json", headers=headers)

    async def _append_room(
        self, upstream: str, read: Sequence[NewPush | RejectedPushError], trace: str
    ) -> list[Accepted]:
        """Append what is right, if there is room for all of it."""
        pushes = [push for push in read if isinstance(push, NewPush)]
        counts = Counter([(push.account, push.channel) for push in pushes])
        self._check_room(upstream, self._admission.refuses(counts, trio.current_time()))
        if trace:
            pushes = [structs.replace(push, trace=trace) for push in pushes]
        accepted = await self._append(pushes) if pushes else []
        self._admission.added(counts)
        return accepted

    def _check_room(self, upstream: str, overfull: Overfull | None) -> None:
        if overfull:
            count_refused(upstream)
            raise ProblemError(429, "No room for pushes", overfull.reason, (retry_after(overfull.retry_after),))

    async def _bound(self, request: RequestKey) -> BoundRequest:
        bound = await self._bind(request, self._clock())
        check_bound(bound, request)
        return bound


def _check_accounts(read: Sequence[NewPush | RejectedPushError]) -> None:
    """Raise ProblemError if every item is for an account that the upstream is not allowed."""
    if read and all(isinstance(each, ForeignAccountError) for each in read):
        raise ProblemError(403, "Not an account of this upstream", f"pushes[0]{read[0]}")
