"""An account's access token: cached in the process, refreshed ahead of time, by one process at a time.

How it works: one task (`run`) keeps the cached token in step with the store's. Whoever holds the store's refresh lease
asks the platform, extends the lease while it waits, and publishes the answer; all others take what is published. A
sender whose token the platform refused says so with `fail`: the store forgets that token only if it is still the
current one, so a hundred refusals of one token cause one refresh. If the platform then hands out the refused token
again, it is forced to make another, once.
Senders read `token`; feeders wait in `available`.
"""

import math
import random
from contextlib import suppress
from hashlib import blake2b

import httpx
import structlog
import trio

from monitoring.names import TOKEN_REFRESH
from pushers.backoff import backoff
from pushers.tokens.answer import TokenRequest, TokenVerdict, judge_token, token_request
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.limits.holds import stop_account
from queues.store import Store
from queues.token import ask_token, bring_credentials, keep_refresh, postpone_refresh, publish_token

log = structlog.get_logger()

# The platform makes a new token only when the old one has 300 s or less to live, so asking earlier is of no use.
AHEAD_SECONDS = 240.0
AHEAD_SPREAD_SECONDS = 45.0
LEASE_SECONDS = 2.0
"""A refresher that died is replaced after this: no later than its claims are taken over."""
KEEP_SECONDS = 0.5
"""How often a refresher that waits for the platform extends its lease."""
FETCH_SECONDS = 10.0
FORCE_SECONDS = 30.0
FORCE_MOST_SECONDS = 3600.0
"""Forced refreshes are 20 a day: their distance doubles up to this while they keep giving tokens that fail."""
RETRY_MOST_SECONDS = 60.0
STORE_RETRY_SECONDS = 1.0
FIRST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 5.0
_SHORTEST_WAIT = 0.05
_LONGEST_WAIT = 300.0


class TokenSource:
    """The token of one account for one process, which is known to the others as `name`."""

    def __init__(
        self, account: Account, store: Store, client: httpx.AsyncClient, rng: random.Random, *, name: str
    ) -> None:
        self._name = name
        self._account = account
        self._store = store
        self._client = client
        self._rng = rng
        self._ahead = AHEAD_SECONDS + rng.uniform(0, AHEAD_SPREAD_SECONDS)
        self._token = ""
        self._expires = -math.inf
        self._failed = ""
        self._failures = 0
        self._polls = 0
        self._forced_at = -math.inf
        self._force_distance = FORCE_SECONDS
        self._changed = trio.Event()
        self._woken = trio.Event()
        self._reachable = True
        self._brought = False

    @property
    def token(self) -> str:
        """The current token, or nothing."""
        return self._token if trio.current_time() < self._expires else ""

    async def available(self) -> None:
        """Wait until there is a token."""
        while not self.token:
            await self._changed.wait()

    def fail(self, token: str) -> None:
        """The platform refused this token. Does nothing if it is not the current one any more."""
        if token and token == self._token:
            self._failed = token
            self._token = ""
            self._woken.set()

    async def run(self) -> None:
        """Keep the token fresh until cancelled."""
        while True:
            woken = self._woken = trio.Event()
            wait = await self._step()
            with trio.move_on_after(min(max(wait, _SHORTEST_WAIT), _LONGEST_WAIT)):
                await woken.wait()

    async def _step(self) -> float:
        """Ask the store, and the platform if it is our turn; seconds to the next step."""
        try:
            if not self._brought:
                await self._bring()
            state = await ask_token(
                self._store,
                self._account.name,
                caller=self._name,
                failed=self._failed,
                ahead_seconds=self._ahead,
                lease_seconds=LEASE_SECONDS,
            )
            if state.token and state.token != self._failed:
                self._adopt(state.token, state.expires_in)
            wait = await self._refresh() if state.refresh else self._poll_seconds(state.retry_in)
        except StoreUnavailableError:
            if self._reachable:
                log.warning("token not shared, store unavailable", account=self._account.name)
            self._reachable = False
            return STORE_RETRY_SECONDS
        self._reachable = True
        # A token that was adopted wakes us again when it nears its end; without one, the store says when to ask.
        until_ahead = self._expires - trio.current_time() - self._ahead
        return max(wait, until_ahead) if self.token else wait

    async def _bring(self) -> None:
        """A new secret ends what the old one led to: no need to wait for the next try."""
        account = self._account
        digest = blake2b(f"{account.app_id}\0{account.app_secret.reveal()}".encode(), digest_size=12).digest()
        if await bring_credentials(self._store, account.name, digest):
            log.info("credentials changed", account=account.name)
        self._brought = True

    def _poll_seconds(self, retry_in: float) -> float:
        """Somebody else refreshes, or nobody until an operator says so: without a token look soon, then less often."""
        if self.token:
            return retry_in
        self._polls += 1
        longest = LONGEST_POLL_SECONDS if retry_in > LEASE_SECONDS else KEEP_SECONDS
        return min(retry_in, longest, FIRST_POLL_SECONDS * 2.0 ** min(self._polls, 10))

    def _adopt(self, token: str, expires_in: float) -> None:
        self._token = token
        self._expires = trio.current_time() + expires_in
        self._failed = ""
        self._polls = 0
        self._changed.set()
        self._changed = trio.Event()

    async def _refresh(self) -> float:
        """Ask the platform, holding the store's lease; seconds to the next step."""
        if self._failed and self._account.classic_token:
            # Each fetch makes a new token and ends the one before: too often, and two programs do nothing else.
            if (wait := self._forced_at + self._force_distance - trio.current_time()) > 0:
                return await self._postpone(wait, "fetched tokens are refused")
            self._count_force()
        verdict, result = await self._fetch(force=False), "refreshed"
        if verdict.kind == "fetched" and verdict.token == self._failed:
            if (wait := self._forced_at + self._force_distance - trio.current_time()) > 0:
                return await self._postpone(wait, "refused token is still current")
            verdict, result = await self._force(), "forced"
        if verdict.kind == "fetched" and verdict.token != self._failed:
            return await self._publish(verdict, result)
        if verdict.kind == "stop":
            return await self._stop(verdict)
        self._failures += 1
        wait = verdict.seconds if verdict.kind == "retry" else self._force_distance
        return await self._postpone(
            wait or 0.5 + backoff(self._failures, self._rng, longest=RETRY_MOST_SECONDS),
            verdict.error or "refused token is still current",
        )

    async def _force(self) -> TokenVerdict:
        self._count_force()
        return await self._fetch(force=True)

    def _count_force(self) -> None:
        now = trio.current_time()
        quiet = now - self._forced_at > 2 * FORCE_MOST_SECONDS
        self._force_distance = FORCE_SECONDS if quiet else min(2 * self._force_distance, FORCE_MOST_SECONDS)
        self._forced_at = now

    async def _publish(self, verdict: TokenVerdict, result: str) -> float:
        self._failures = 0
        self._count(result)
        self._adopt(verdict.token, verdict.seconds)
        if not await publish_token(self._store, self._account.name, verdict.token, verdict.seconds, caller=self._name):
            self._token = ""  # another took the refresh over meanwhile: take what it made
            return 0.0
        log.info("token refreshed", account=self._account.name, result=result, seconds=round(verdict.seconds))
        # Should the platform give less than we ask ahead for, do not ask again at once.
        return FORCE_SECONDS

    async def _stop(self, verdict: TokenVerdict) -> float:
        self._count("refused")
        if await stop_account(self._store, self._account.name, verdict.error, verdict.seconds):
            log.error("account stopped", account=self._account.name, reason=verdict.error, seconds=verdict.seconds)
        await postpone_refresh(self._store, self._account.name, verdict.seconds, caller=self._name)
        return self._poll_seconds(verdict.seconds)

    async def _postpone(self, seconds: float, reason: str) -> float:
        self._count("failed")
        log.warning("token not refreshed", account=self._account.name, reason=reason, again_in=round(seconds, 1))
        await postpone_refresh(self._store, self._account.name, seconds, caller=self._name)
        return self._poll_seconds(seconds)

    async def _fetch(self, *, force: bool) -> TokenVerdict:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_lease)
            verdict = await self._ask(token_request(self._account, force=force))
            nursery.cancel_scope.cancel()
        return verdict

    async def _keep_lease(self) -> None:
        """Show that this refresher lives, until cancelled or until the refresh is another's."""
        kept = True
        while kept:
            await trio.sleep(KEEP_SECONDS)
            with suppress(StoreUnavailableError):
                kept = await keep_refresh(
                    self._store, self._account.name, caller=self._name, lease_seconds=LEASE_SECONDS
                )

    async def _ask(self, request: TokenRequest) -> TokenVerdict:
        verdict = TokenVerdict(kind="retry", error=f"no answer in {FETCH_SECONDS} s")
        with trio.move_on_after(FETCH_SECONDS):
            try:
                response = await self._client.request(
                    request.method,
                    self._account.url(request.target),
                    content=request.body,
                    headers={"Content-Type": "application/json"},
                )
            except httpx.HTTPError as error:
                verdict = TokenVerdict(kind="retry", error=f"{type(error).__name__}: {error}")
            else:
                verdict = judge_token(response.status_code, response.content, self._account.kind)
        return verdict

    def _count(self, result: str) -> None:
        TOKEN_REFRESH.labels(self._account.name, result).inc()
