"""Holds our ledgers against the platform's own count, and lets an API go on that was parked without need.

How it works: every half hour one process asks the platform about each API of the account that has a daily limit or is
parked. A count that is higher than ours becomes ours: other programs may send through the account too. Reports say that
45009 sometimes comes with most of the quota left; an API that is parked and has some left is tried with one push.
"""

import random

import httpx
import structlog
import trio

from pushers.quotas.answer import PATH, SEND_PATHS, PlatformCount, quota_request, read_quota_answer
from pushers.tokens.source import TokenSource
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.holds import try_hold
from queues.quota import Quota, claim_watch, note_told, read_quota
from queues.store import Store

log = structlog.get_logger()

EVERY_SECONDS = 1800.0
ASK_SECONDS = 10.0


class QuotaWatch:
    """One official account's, in one process."""

    def __init__(
        self, account: Account, store: Store, tokens: TokenSource, client: httpx.AsyncClient, rng: random.Random
    ) -> None:
        self._account = account
        self._store = store
        self._tokens = tokens
        self._client = client
        self._rng = rng

    async def run(self) -> None:
        """Look now and then until cancelled; trouble waits for the next time."""
        while True:
            await trio.sleep(EVERY_SECONDS * self._rng.uniform(0.9, 1.1))
            try:
                if await claim_watch(self._store, self._account.name, EVERY_SECONDS / 2):
                    await self.look()
            except StoreUnavailableError:
                continue

    async def look(self) -> None:
        """Ask once about every API that is worth asking about.

        Raises:
            StoreUnavailableError: the rest waits.
        """
        quota = await read_quota(self._store, self._account, sorted(SEND_PATHS))
        for api in self._worth_asking(quota):
            count = await self._ask(api)
            if count is not None:
                await self._heed(api, count)

    def _worth_asking(self, quota: Quota) -> list[str]:
        parked = {each.name for each in quota.holds if (each.scope, each.kind) == ("api", "parked")}
        limited = {ledger.api for ledger in quota.ledgers if ledger.limit}
        return sorted((parked | limited) & SEND_PATHS.keys())

    async def _ask(self, api: str) -> PlatformCount | None:
        token = self._tokens.token
        if not token:
            return None
        url = f"{self._account.api_base.rstrip('/')}{PATH}"
        with trio.move_on_after(ASK_SECONDS):
            try:
                answer = await self._client.post(
                    url,
                    params={"access_token": token},
                    content=quota_request(api),
                    headers={"Content-Type": "application/json"},
                )
            except httpx.HTTPError:
                return None
            return read_quota_answer(answer.content)
        return None

    async def _heed(self, api: str, count: PlatformCount) -> None:
        name = self._account.name
        if behind := await note_told(self._store, name, api, limit=count.limit, used=count.used):
            log.info("ledger behind the platform's count", account=name, api=api, behind=behind)
        if count.left and await try_hold(self._store, name, api):
            log.info("parked api has quota left", account=name, api=api, limit=count.limit, used=count.used)
