"""Delivers one upstream's webhooks.

How it works: take what is due, post it, settle it. Each upstream has a task and connections of its own, so an endpoint
that is dead or slow costs the others nothing; while its last answer was a failure, it is asked about one webhook of
each shard at a time, with growing pauses. A process that dies leaves its claims to the others: a webhook is delivered
at least once. Only the configured URL is ever asked, and redirections are not followed.
"""

import math
import random
import ssl
import time
from collections.abc import Callable

import httpx
import structlog
import trio
from msgspec import Struct

from monitoring.names import WEBHOOKS
from pushers.backoff import backoff
from pushers.lanes.transport import LaneTransport
from pushers.webhooks.message import encode_message, message_id
from pushers.webhooks.schedule import pause_before_next
from pushers.webhooks.signature import read_secret, signed_headers
from queues.errors import StoreUnavailableError
from queues.push import PushStatus
from queues.pushes.jobs import read_statuses
from queues.pushes.webhooks import Hook, settle_hooks, take_hooks
from queues.secret import Secret
from queues.store import Store

log = structlog.get_logger()

AT_ONCE = 8
IDLE_SECONDS = 5.0
POST_SECONDS = 10.0
"""From the first try to connect to the last byte of the answer."""
MARGIN_SECONDS = 20.0
"""That a claim lasts beyond the longest that a round may take."""
LEAST_REST_SECONDS, LONGEST_REST_SECONDS = 1.0, 60.0
STORE_RETRY_SECONDS = 1.0
_SILENT = f"no answer in {POST_SECONDS:.0f} s"
_NOT_KEPT = "the push is not kept any more"
_GONE = "410"
"""The status by which, in Standard Webhooks, an endpoint says that it wants no more of this."""


def rest(failures: int, rng: random.Random) -> float:
    """Seconds to leave an endpoint alone after so many failures in a row."""
    return LEAST_REST_SECONDS + backoff(failures, rng, longest=LONGEST_REST_SECONDS)


class WebhookTarget(Struct, frozen=True, kw_only=True):
    """Where an upstream hears of its pushes; `secret` as `read_secret` wants it."""

    upstream: str
    url: str
    secret: Secret


class Messenger:
    """One upstream's task in one process."""

    def __init__(
        self,
        target: WebhookTarget,
        store: Store,
        rng: random.Random,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._upstream = target.upstream
        self._url = target.url
        self._key = read_secret(target.secret.reveal())
        self._store = store
        self._tls = tls
        self._rng = rng
        self._clock = clock
        self._woken = trio.Event()
        self._failures = 0

    def wake(self) -> None:
        """A push of this upstream has ended."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; a webhook on its way is then left to its claim's end."""
        # The URL is configured, so what proxies the environment names is not asked.
        transport = LaneTransport(tls=self._tls, lanes=AT_ONCE)
        async with httpx.AsyncClient(transport=transport, timeout=None, trust_env=False) as client:  # noqa: S113  a try has its own
            await self._deliver_all(client)

    async def _deliver_all(self, client: httpx.AsyncClient) -> None:
        reachable = True
        while True:
            woken = self._woken = trio.Event()
            try:
                wait = await self._round(client)
                reachable = True
            except StoreUnavailableError as error:
                if reachable:
                    log.warning("webhooks wait, store unavailable", upstream=self._upstream, error=str(error))
                reachable = False
                wait = STORE_RETRY_SECONDS
            if self._failures:
                await trio.sleep(rest(self._failures, self._rng))
            else:
                with trio.move_on_after(wait):
                    await woken.wait()

    async def _round(self, client: httpx.AsyncClient) -> float:
        """Deliver what is due; seconds until the next."""
        shards = self._store.shards
        of_a_shard = 1 if self._failures else max(1, AT_ONCE // shards)
        claim_seconds = math.ceil(of_a_shard * shards / AT_ONCE) * POST_SECONDS + MARGIN_SECONDS
        taken = await take_hooks(self._store, self._upstream, of_a_shard, claim_seconds)
        if taken.dropped:
            log.error("webhooks given up", upstream=self._upstream, count=taken.dropped, reason=_NOT_KEPT)
            WEBHOOKS.labels(self._upstream, "given_up").inc(taken.dropped)
        statuses = await read_statuses(self._store, [hook.push_id for hook in taken.hooks])
        outcomes: list[tuple[Hook, float]] = []
        lanes = trio.Semaphore(AT_ONCE)

        async def deliver(hook: Hook, status: PushStatus | None) -> None:
            async with lanes:
                outcomes.append((hook, await self._deliver(client, hook, status)))

        async with trio.open_nursery() as nursery:
            for hook, status in zip(taken.hooks, statuses, strict=True):
                nursery.start_soon(deliver, hook, status)
        await settle_hooks(self._store, self._upstream, outcomes)
        if taken.hooks:
            return 0.0
        return IDLE_SECONDS if taken.next_due_seconds is None else min(IDLE_SECONDS, taken.next_due_seconds)

    async def _deliver(self, client: httpx.AsyncClient, hook: Hook, status: PushStatus | None) -> float:
        """One try; in how many seconds the next one is to be made, 0 for none."""
        trouble = await self._post(client, hook, status) if status else _NOT_KEPT
        pause = None
        if not trouble:
            self._failures = 0
        elif trouble not in {_NOT_KEPT, _GONE}:
            self._failures += 1
            pause = pause_before_next(hook.tries, self._rng)
        if pause is None and trouble:
            log.error("webhook given up", upstream=self._upstream, push_id=hook.push_id, reason=trouble)
        WEBHOOKS.labels(self._upstream, "retried" if pause else "given_up" if trouble else "delivered").inc()
        return pause or 0.0

    async def _post(self, client: httpx.AsyncClient, hook: Hook, status: PushStatus) -> str:
        """Post it once; why it was not taken, empty if it was."""
        body = encode_message(hook, status)
        headers = signed_headers(self._key, message_id(hook), int(self._clock()), body)
        with trio.move_on_after(POST_SECONDS):
            try:
                answer = await client.post(
                    self._url,
                    content=body,
                    headers={"content-type": "application/json", "user-agent": "tidegate", **headers},
                    follow_redirects=False,
                )
            except httpx.HTTPError as error:
                return type(error).__name__
            return "" if answer.is_success else str(answer.status_code)
        return _SILENT
