"""Holds our ledgers against the platform's own count, and lets an API go on that was parked without need.

How it works: every half hour one process asks the platform about each API of the account that has a daily limit or is
parked. A count that is higher than ours becomes ours: other programs may send through the account too. Reports say that
45009 sometimes comes with most of the quota left, and an operator may have cleared the quota: an API that is parked and
has some left is tried with one push. So the process that parked one asks sooner, and then less and less often.
"""

import random
from collections.abc import Awaitable, Callable

import httpx
import structlog
import trio

from pushers.quotas.answer import PATH, SEND_PATHS, PlatformCount, quota_request, read_quota_answer
from pushers.tokens.source import TokenSource
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.limits.holds import try_hold
from queues.limits.quota import claim_watch, note_told, read_quota
from queues.store import Store

log = structlog.get_logger()

EVERY_SECONDS = 1800.0
SOON_SECONDS = 10.0
"""After an API was parked; more than a send takes, so that nothing is under way then."""
SELDOMER = 1.5
"""Each further look comes after so many times the last wait, up to EVERY_SECONDS."""
ASK_SECONDS = 10.0


class QuotaWatch:
    """One official account's, in one process; `parked` returns when this process has parked one of its APIs."""

    def __init__(
        self,
        account: Account,
        store: Store,
        tokens: TokenSource,
        client: httpx.AsyncClient,
        rng: random.Random,
        *,
        parked: Callable[[], Awaitable[None]],
    ) -> None:
        self._account = account
        self._store = store
        self._tokens = tokens
        self._parked = parked
        self._client = client
        self._rng = rng

    async def run(self) -> None:
        """Look now and then until cancelled; trouble waits for the next time."""
        pause = EVERY_SECONDS
        while True:
            with trio.move_on_after(pause * self._rng.uniform(0.9, 1.1)):
                await self._parked()
                pause = SOON_SECONDS
                continue
            try:
                ours = pause < EVERY_SECONDS or await claim_watch(self._store, self._account.name, EVERY_SECONDS / 2)
                parked = ours and await self.look()
            except StoreUnavailableError:
                continue
            pause = min(SELDOMER * pause, EVERY_SECONDS) if parked else EVERY_SECONDS

    async def look(self) -> bool:
        """Ask once about every API that is worth asking about; whether any was parked.

        Raises:
            StoreUnavailableError: the rest waits.
        """
        quota = await read_quota(self._store, self._account, sorted(SEND_PATHS))
        parked = {each.api for each in quota.holds if (each.scope, each.kind) == ("api", "parked")}
        limited = {ledger.api for ledger in quota.ledgers if ledger.limit}
        for api in sorted((parked | limited) & SEND_PATHS.keys()):
            count = await self._ask(api)
            if count is not None:
                await self._apply(api, count, parked=api in parked)
        return bool(parked)

    async def _ask(self, api: str) -> PlatformCount | None:
        token = self._tokens.token
        if not token:
            return None
        with trio.move_on_after(ASK_SECONDS):
            try:
                answer = await self._client.post(
                    self._account.url(PATH),
                    params={"access_token": token},
                    content=quota_request(api),
                    headers={"Content-Type": "application/json"},
                )
            except httpx.HTTPError:
                return None
            return read_quota_answer(answer.content)
        return None

    async def _apply(self, api: str, count: PlatformCount, *, parked: bool) -> None:
        name = self._account.name
        if moved := await note_told(self._store, name, api, limit=count.limit, used=count.used, exact=parked):
            log.info("ledger set to the platform's count", account=name, api=api, moved=moved)
        if count.left and await try_hold(self._store, name, api):
            log.info("parked api has quota left", account=name, api=api, limit=count.limit, used=count.used)
