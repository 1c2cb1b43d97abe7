"""Feeds the pushes of one account and API to the senders: lease first, then take.

How it works: wait until a shard has work and there is room, then make rounds. Each is one round trip to the store,
which takes pushes for the tokens that the last one leased and leases for the next; the pacer hands them over. No more
is claimed than there are tokens: holding back is not taking. How much to ask for is guessed from what the last rounds
found, since tokens that are leased and not used are lost to the rate (only the day's ledger gets them back).
"""

import math
from collections.abc import Callable, Sequence

import structlog
import trio

from monitoring.names import LIMIT_WAIT_SECONDS, PUSHES_FINISHED
from pushers.job import Job
from pushers.outlet import Outlet
from pushers.pacer import Pacer
from pushers.readiness import Readiness
from pushers.requester import Requester
from pushers.room import Room
from pushers.shard_rota import SHARD_SHARE, ShardRota
from queues.errors import StoreUnavailableError
from queues.keys import feed
from queues.limits.rate import AHEAD_SECONDS, SLICE_SECONDS, Lease, lease
from queues.push import Claim, Ended
from queues.pushes.supply import Supplier
from queues.pushes.template_rate import ask_seats, park
from queues.store import Store

log = structlog.get_logger()

MOST = 512
"""Pushes a round."""
ROUND = 128
"""Places free that are worth a round, so that what waits in front of the lanes lasts while it is made."""
ROUNDS_A_SECOND = 400
"""Of all feeds of a process that wait for their rates, together: with many at work each makes fewer, larger ones."""
_NEWS_SHARE = 5
"""News of a push makes a round come early, after this part of the usual time."""
LINGER_SECONDS = 0.015
"""Waited for more room when there is little: rounds of one push cost ten times as much."""
LONGEST_HOLD_SECONDS = 5.0
"""A parked or stopped account is looked at again this often: another process or an operator may have freed it."""
FLUSH_SECONDS = 1.0
STORE_RETRY_SECONDS = 0.5


class Feeder:
    """The one task of a process that takes pushes of this account, for one API."""

    def __init__(
        self,
        outlet: Outlet,
        store: Store,
        supplier: Supplier,
        *,
        api: str,
        room: Room,
        spare: int,
        readiness: Readiness,
        submit: Callable[[Job], None],
        claim_seconds: float,
        retain_seconds: float,
    ) -> None:
        self._outlet = outlet
        self._account = outlet.account.name
        self._limit = outlet.account.limit(api)
        self._store = store
        self._supplier = supplier
        self._api = api
        self._feed = feed(self._account, api)
        self._passage = outlet.passage(api)
        self._room = room
        # Claims that may wait in front of the lanes; half of them is always room enough for a round.
        self._spare = spare
        self._enough = max(1, min(spare // 2, ROUND))
        self._readiness = readiness
        self._paced = self._limit.per_second > 0
        self._pacer = Pacer(
            outlet,
            self._passage,
            submit,
            lambda: readiness.wake(self._feed),
            room if self._paced else None,
            limited=self._limit.templates,
            most_seeking=self._enough,
        )
        self._requester = Requester(
            outlet.account,
            api,
            self._passage,
            self._pacer.allowance,
            claim_seconds=claim_seconds,
            retain_seconds=retain_seconds,
        )
        self._retain_seconds = retain_seconds
        # Without limits tokens cost nothing, and a short queue is best emptied in one round.
        self._least = 1 if self._limit.per_second or self._limit.per_day else SHARD_SHARE
        self._guess = self._least
        self._rota = ShardRota()
        self._round_trip = 0.0
        self._reachable = True

    async def run(self) -> None:
        """Feed until cancelled. A round that has begun is finished first, so that no claim is dropped on the way."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pacer.run)
            try:
                while True:
                    await self._work()
                    space = await self._space()
                    if not space and not self._pacer.needy:
                        continue
                    with trio.CancelScope(shield=True):
                        pause = await self._round(space)
                    await self._rest(pause)
            finally:
                self._pacer.release()
                with trio.CancelScope(shield=True, deadline=trio.current_time() + FLUSH_SECONDS):
                    await self._flush()

    async def _work(self) -> None:
        """Wait for work; meanwhile give back what was leased and not used."""
        while not self._readiness.ready(self._feed) and not self._pacer.needy:
            idle = self._pacer.allowance.held or self._pacer.allowance.unused or self._passage.unused
            with trio.move_on_after(FLUSH_SECONDS if idle else math.inf) as scope:
                await self._readiness.changed(self._feed)
            if scope.cancelled_caught:
                with trio.CancelScope(shield=True):
                    await self._flush()

    async def _space(self) -> int:
        """Wait until there is a token, nothing holds the account back, and there is room; how much."""
        if self._outlet.destination(self._api).needs_token:
            await self._outlet.tokens.available()
        if closed := self._passage.breaker.wait_seconds(trio.current_time()):
            self._pacer.release()
            await trio.sleep(closed)
            return 0
        if self._outlet.held(self._api):
            self._pacer.release()  # for how long it rests, the next lease says
        free = self._free()
        if free <= 0 and not self._pacer.needy:
            await self._room.freed()
            free = self._free()
        if free < self._enough and free < self._guess and not self._pacer.needy:
            await trio.sleep(LINGER_SECONDS)
            free = self._free()
        return max(0, free)

    def _free(self) -> int:
        window = self._passage.breaker.window(trio.current_time())
        # The window bounds what is on lanes; a little more may wait in front of them, as long as it is wide open.
        slack = 0 if window < self._enough else self._spare
        free, more = self._room.free(self._account), window + slack - self._passage.claimed
        return (more if free > 0 else 0) if self._paced else min(free, more)

    def _reserve(self, places: int) -> None:
        """Count what is claimed (negative: less than was expected). With a rate it is the pacer that takes places."""
        self._passage.claimed += places
        if self._paced:
            return
        if places >= 0:
            self._room.reserve(self._account, places)
        else:
            self._room.release(self._account, -places)

    async def _round(self, space: int) -> float:
        """Take for the tokens there are and lease for the next round; seconds to wait before that."""
        try:
            await self._seat()
        except StoreUnavailableError as error:
            self._lost_store(error)
            return STORE_RETRY_SECONDS
        bare, seeking = self._pacer.bare, self._pacer.seats.seeking
        # What comes good later is taken later: claims are not hoarded, and others may come first until then.
        soon = trio.current_time() + max(AHEAD_SECONDS, self._beat() + 2 * self._round_trip)
        count = min(max(0, self._pacer.bare_by(soon)), space, MOST)
        # Without a rate tokens keep, and there is always one for each place that gets free.
        ahead = min(max(self._guess, seeking), space - count) if self._paced else MOST
        wanted = max(0, ahead - (bare - count))
        marks = self._readiness.ready(self._feed)
        long = self._guess == MOST and not self._paced
        counts = self._rota.shares(marks, count, few=long)
        count = sum(counts.values())
        asked = trio.current_time()
        self._reserve(count)
        try:
            supplied = await self._supplier.supply(
                self._requester.lease(wanted, lead_seconds=self._round_trip, slice_seconds=2 * self._beat()),
                self._requester.take(counts),
            )
        except StoreUnavailableError as error:
            self._reserve(-count)
            self._lost_store(error)
            return STORE_RETRY_SECONDS
        self._reachable = True
        self._round_trip = trio.current_time() - asked
        for shard in supplied.taken.emptied:
            self._readiness.clear(self._feed, shard, marks[shard])
        claims = supplied.taken.claims
        self._reserve(len(claims) - count)
        self._learn(count, len(claims))
        self._hand_over(supplied.lease, supplied.taken.dropped, claims)
        if self._pacer.seats.seeking > seeking:
            return 0.0
        return self._pause(wanted, supplied.lease)

    async def _rest(self, seconds: float) -> None:
        """Sleep; where tokens wait for pushes, not much longer than until there is news of some."""
        if not self._reachable or self._pacer.bare <= 0:
            await self._outlet.rest(seconds)
            return
        with trio.move_on_after(seconds):
            await trio.sleep(self._beat() / _NEWS_SHARE)
            while not self._rota.news(self._readiness.ready(self._feed)):
                await self._readiness.changed(self._feed)

    def _learn(self, asked: int, came: int) -> None:
        if asked and came == asked:
            self._guess = min(MOST, self._guess * 2)
        elif not self._readiness.ready(self._feed):
            self._guess = max(self._least, came + 1)

    async def _seat(self) -> None:
        """Ask for the seats of limited templates that claims seek, and park the claims that are too many."""
        seats = self._pacer.seats
        if not seats.seeking:
            return
        given = await ask_seats(
            self._store,
            self._account,
            self._api,
            self._limit.templates,
            seats.wanted,
            self._pacer.bare_moments(trio.current_time() + self._round_trip) if self._paced else None,
            self._round_trip,
        )
        aside = seats.seat(given)
        self._pacer.hand_over()
        self._reserve(-len(aside))
        for claim, _ in aside:
            self._passage.put_back(claim.push.priority)
        if aside:
            await park(self._store, aside, self._retain_seconds)

    def _hand_over(self, leased: Lease, ended: Sequence[Ended], claims: Sequence[Claim]) -> None:
        for dropped in ended:
            PUSHES_FINISHED.labels(self._account, dropped.push.channel, dropped.state).inc()
        for claim in claims:
            self._passage.took(claim.push.priority)
        self._requester.keep(leased)
        self._outlet.leased(self._api, leased)
        self._pacer.add(leased, claims)
        if leased.state in {"parked", "stopped"}:
            self._pacer.release()

    def _beat(self) -> float:
        """Seconds between two rounds while the rate is what holds us back: half a slice."""
        return max(SLICE_SECONDS / 2, self._readiness.busy / ROUNDS_A_SECOND)

    def _pause(self, wanted: int, leased: Lease) -> float:
        pause = 0.0
        if wanted and not leased.granted:
            if leased.state in {"rate", "quota"}:
                LIMIT_WAIT_SECONDS.labels(self._account, self._api).inc(leased.wait_seconds)
            pause = min(max(leased.wait_seconds, 0.001), LONGEST_HOLD_SECONDS)
        elif leased.granted < wanted or (self._paced and not wanted):
            pause = self._beat()  # let tokens gather, instead of a call for each
        if self._pacer.bare > 0 and self._readiness.ready(self._feed):
            # Tokens wait for their pushes: take those in time.
            pause = min(pause, max(0.0, self._pacer.bare_from() - trio.current_time() - 2 * self._round_trip))
        return pause

    async def _flush(self) -> None:
        """Give what was leased and not used back to the day's ledger."""
        self._pacer.allowance.give_back()
        request = self._requester.lease(0)
        if request.returned or request.ordinary:
            try:
                await lease(self._store, request)
            except StoreUnavailableError as error:
                self._lost_store(error)

    def _lost_store(self, error: StoreUnavailableError) -> None:
        if self._reachable:
            log.warning("nothing taken, store unavailable", account=self._account, error=str(error))
        self._reachable = False
