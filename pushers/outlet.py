"""An account as its feeder and the senders share it: its token, its window, and what holds it back."""

from collections import defaultdict

import structlog
import trio

from pushers.breaker import Breaker
from pushers.crowd import Crowd
from pushers.origin import split_base
from pushers.quiet_hours import Curfew
from pushers.token_source import TokenSource
from pushers.verdict import Verdict
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.rate import park, stop_account
from queues.store import Store

log = structlog.get_logger()


class Outlet:
    """One account in one process."""

    def __init__(
        self, account: Account, store: Store, tokens: TokenSource, breaker: Breaker, curfew: Curfew | None = None
    ) -> None:
        self.account = account
        self.tokens = tokens
        self.breaker = breaker
        self.curfew = curfew
        self.crowd = Crowd()
        self.origin, self._prefix = split_base(account.api_base)
        self.unused: dict[str, int] = defaultdict(int)
        """Leased tokens that senders did not use, an API, for the feeder to give back."""
        self._store = store
        self._held: dict[str, float] = {}
        self._heads: dict[str, tuple[str, bytes]] = {}

    def head(self, path: str, token: str) -> bytes:
        """A request's bytes up to the value of Content-Length; prepared once a token."""
        kept = self._heads.get(path)
        if kept is not None and kept[0] == token:
            return kept[1]
        head = (
            f"POST {self._prefix}{path}?access_token={token} HTTP/1.1\r\n"
            f"Host: {self.origin.host_header}\r\n"
            "User-Agent: tidegate\r\n"
            "Accept: application/json\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            "Content-Length: "
        ).encode()
        self._heads[path] = (token, head)
        return head

    def held_seconds(self, api: str) -> float:
        """How long this process knows that nothing may be sent on the API; 0 if it knows nothing of the kind."""
        now = trio.current_time()
        return max(0.0, self._held.get(api, 0.0) - now, self._held.get("", 0.0) - now)

    async def hold(self, api: str, verdict: Verdict, seconds: float) -> float:
        """Hold back the API (`park`) or the account (`stop`) in all processes; for how long it is held now.

        The first verdict counts: what was in flight with it says the same and changes nothing.
        """
        if held := self.held_seconds(api):
            return held
        whole = verdict.scope == "account"
        self._held["" if whole else api] = trio.current_time() + seconds
        log.warning(
            "account stopped" if whole else "api parked",
            account=self.account.name,
            api=api,
            reason=verdict.error,
            seconds=round(seconds),
        )
        try:
            if whole:
                await stop_account(self._store, self.account.name, verdict.error, seconds)
            else:
                await park(self._store, self.account.name, api, seconds)
        except StoreUnavailableError:
            # Other processes learn it from the platform, at the cost of one refused send each.
            log.warning("hold not shared, store unavailable", account=self.account.name)
        return seconds
