"""An account as its feeder and the senders share it: its token, its window, and what holds it back."""

import time
from collections.abc import Callable

import structlog
import trio

from pushers.crowd import Crowd
from pushers.destination import Destination, PlatformDestination, WebhookDestination
from pushers.passage import Passage
from pushers.restraints.quiet_hours import Curfew
from pushers.tokens.source import TokenSource
from pushers.verdict import Verdict
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.limits.holds import ACCOUNT, HoldKind, api_field, fields_over, hold, resume, template_field
from queues.limits.rate import Lease, slow_down
from queues.push import WEBHOOK, Push
from queues.store import Store

log = structlog.get_logger()

NEWS_SECONDS = 1.0
LONGEST_TEMPLATE_SECONDS = 3600.0
"""A template that stays refused is tried less and less often, as each time costs a push its life."""


class Outlet:
    """One account in one process."""

    def __init__(
        self,
        account: Account,
        store: Store,
        tokens: TokenSource,
        most: int,
        curfew: Curfew | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.account = account
        self.tokens = tokens
        self._most = most
        self._passages: dict[str, Passage] = {}
        self.curfew = curfew
        self.crowd = Crowd()
        self._platform = PlatformDestination(account.api_base)
        self._receiver = WebhookDestination(account.webhook, clock) if account.webhook.url else None
        self._store = store
        self._held: set[str] = set()
        self._probing: set[str] = set()
        self._resting: dict[str, dict[str, float]] = {}
        self._resumed = trio.Event()
        self._parked = trio.Event()

    def passage(self, api: str) -> Passage:
        """The account's way through one API."""
        passage = self._passages.get(api)
        if passage is None:
            passage = self._passages[api] = Passage(self._most)
        return passage

    @property
    def breaker_open(self) -> bool:
        """Whether any of its APIs gets probes only."""
        return any(passage.breaker.open for passage in self._passages.values())

    def destination(self, api: str) -> Destination:
        """Where what goes through that API is sent."""
        return self._receiver if self._receiver is not None and api == WEBHOOK else self._platform

    def held(self, api: str) -> bool:
        """Whether this process has seen that nothing may be sent on the API, and no lease has said otherwise since."""
        return bool(self._held) and not self._held.isdisjoint(fields_over(api))

    def leased(self, api: str, lease: Lease) -> None:
        """What a lease says of holds, which are the store's to keep."""
        if lease.granted:
            self._held.difference_update(fields_over(api))
        if lease.state == "probe":
            self._probing.update(fields_over(api))
        self._probing |= {template_field(api, each.template) for each in lease.held if each.probe}
        if resting := self._resting.get(api):
            held, now = {each.template for each in lease.held if not each.probe}, trio.current_time()
            # A lease that was on its way when the hold was made does not know of it.
            self._resting[api] = {t: since for t, since in resting.items() if t in held or now - since < NEWS_SECONDS}

    def rests(self, api: str, push: Push) -> bool:
        """Whether this process has seen the push's template refused, and no lease has said otherwise since."""
        return bool(self._resting) and push.template_id in self._resting.get(api, ())

    @property
    def probing(self) -> bool:
        """Whether some send is to show if a hold may end."""
        return bool(self._probing)

    async def hold(self, api: str, verdict: Verdict, template: str, seconds: float) -> None:
        """Hold back what the verdict concerns, in all processes. One line tells of it, however many sends do."""
        account, longest = self.account.name, 0.0
        kind: HoldKind = "parked" if verdict.kind == "park" else "stopped"
        match verdict.scope:
            case "account":
                field = ACCOUNT
                self._held.add(field)
            case "template" if template:
                field, longest = template_field(api, template), LONGEST_TEMPLATE_SECONDS
                self._resting.setdefault(api, {})[template] = trio.current_time()
            case _:
                field = api_field(api)
                self._held.add(field)
        try:
            held, news = await hold(self._store, account, field, kind, verdict.error, seconds, longest=longest)
        except StoreUnavailableError:
            # Other processes learn it from the platform, at the cost of one refused send each.
            log.warning("hold not shared, store unavailable", account=account, held=field)
            return
        if news:
            tell = log.error if kind == "stopped" else log.warning
            tell("account held back", account=account, held=field, kind=kind, reason=verdict.error, seconds=round(held))
        if news and kind == "parked":
            self._parked.set()
        if news and verdict.quota == "minute":
            await self._slow_down(api)

    async def _slow_down(self, api: str) -> None:
        """What the platform counts by the minute is used up more slowly, so that less is refused."""
        if not self.account.limit(api).per_second:
            return
        try:
            pace = await slow_down(self._store, self.account.name, api)
        except StoreUnavailableError:
            return  # the next minute tells it again
        log.warning("account slowed down", account=self.account.name, api=api, pace=pace)

    async def parked(self) -> None:
        """Wait until this process is the first to park one of the APIs; for one task, which misses none."""
        await self._parked.wait()
        self._parked = trio.Event()

    async def heard(self, api: str, template: str) -> None:
        """The platform answered a send as if nothing were amiss: what that send was to try is held no more."""
        tried = self._probing & {*fields_over(api), template_field(api, template)}
        if not tried:
            return
        self._probing -= tried
        try:
            ended = await resume(self._store, self.account.name, *tried)
        except StoreUnavailableError:
            return  # the next probe ends it
        if ended:
            log.info("account goes on", account=self.account.name, held=sorted(tried))
            self._resumed.set()
            self._resumed = trio.Event()

    async def rest(self, seconds: float) -> None:
        """Sleep, but no longer than until something goes on that was held."""
        with trio.move_on_after(seconds):
            await self._resumed.wait()
