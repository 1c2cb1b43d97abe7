"""Feeds the pushes of one account and API to the senders: lease first, then take.

How it works: wait until a shard has work, a token is there, and there is room; lease a slice of the rate, take no more
than that from the ready shards, hand over. Nothing is claimed that may not be sent now: holding back is not taking.
How much to ask for is guessed from what the last rounds found, since tokens that are leased and not used are lost
to the rate (only the day's ledger gets them back).
"""

import math
from collections.abc import Callable

import structlog
import trio

from monitoring.names import LIMIT_WAIT_SECONDS, PUSHES_FINISHED
from pushers.outlet import Outlet
from pushers.readiness import Readiness
from pushers.room import Room
from pushers.sender import Job
from queues.errors import StoreUnavailableError
from queues.keys import feed
from queues.rate import SLICE_SECONDS, Lease, lease
from queues.store import Store
from queues.taker import Taken, take

log = structlog.get_logger()

MOST = 256
"""Pushes a round."""
SHARD_SHARE = 64
"""Asked of one shard before the next is asked too: fewer and larger calls are cheaper for the store."""
LINGER_SECONDS = 0.004
"""Waited for more room when there is little: rounds of one push cost ten times as much."""
LONGEST_HOLD_SECONDS = 30.0
"""A parked or stopped account is looked at again this often, as an operator may have freed it."""
FLUSH_SECONDS = 1.0
STORE_RETRY_SECONDS = 0.5


class Feeder:
    """The one task of a process that takes pushes of this account, for one API."""

    def __init__(
        self,
        outlet: Outlet,
        store: Store,
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
        self._api = api
        self._feed = feed(self._account, api)
        self._room = room
        # Claims that may wait in front of the lanes; half of them is room enough for a round.
        self._spare = spare
        self._enough = max(1, spare // 2)
        self._readiness = readiness
        self._submit = submit
        self._claim_seconds = claim_seconds
        self._retain_seconds = retain_seconds
        self._guess = 1
        self._day = 0
        self._turn = 0
        self._reachable = True

    async def run(self) -> None:
        """Feed until cancelled. A round that has begun is finished first, so that no claim is dropped on the way."""
        while True:
            await self._work()
            wanted = min(await self._space(), self._guess, MOST)
            if not wanted:
                continue
            self._room.reserve(self._account, wanted)
            with trio.CancelScope(shield=True):
                pause = await self._round(wanted)
            await trio.sleep(pause)

    async def _work(self) -> None:
        """Wait for work; meanwhile give back what was leased and not used."""
        with trio.move_on_after(FLUSH_SECONDS if self._outlet.unused[self._api] else math.inf) as scope:
            await self._readiness.wait(self._feed)
        if scope.cancelled_caught:
            with trio.CancelScope(shield=True):
                await self._lease(0)
            await self._readiness.wait(self._feed)

    async def _space(self) -> int:
        """Wait until there is a token, nothing holds the account back, and there is room; how much."""
        await self._outlet.tokens.available()
        if held := self._outlet.held_seconds(self._api) or self._outlet.breaker.wait_seconds(trio.current_time()):
            await trio.sleep(min(held, LONGEST_HOLD_SECONDS))
            return 0
        free = self._free()
        if free <= 0:
            await self._room.freed()
            free = self._free()
        if free < self._enough and free < self._guess:
            await trio.sleep(LINGER_SECONDS)
            free = self._free()
        return max(0, free)

    def _free(self) -> int:
        window = self._outlet.breaker.window(trio.current_time()) - self._room.used(self._account)
        # The window bounds what is on lanes; a little more may wait in front of them, as long as it is wide open.
        slack = 0 if window < self._enough else self._spare
        return min(self._room.free(self._account), window + slack)

    async def _round(self, wanted: int) -> float:
        """One lease and what it allows; seconds to wait before the next. `wanted` places are reserved."""
        asked = trio.current_time()
        leased = await self._lease(wanted)
        granted = leased.granted if leased else 0
        self._room.release(self._account, wanted - granted)
        if leased is None:
            return STORE_RETRY_SECONDS
        if not granted:
            if leased.state in {"rate", "quota"}:
                LIMIT_WAIT_SECONDS.labels(self._account, self._api).inc(leased.wait_seconds)
            return min(max(leased.wait_seconds, 0.001), LONGEST_HOLD_SECONDS)
        send_before = asked + leased.valid_seconds if self._limit.per_second else math.inf
        taken = await self._take(granted, send_before)
        self._room.release(self._account, granted - taken)
        self._outlet.unused[self._api] += granted - taken
        self._guess = min(MOST, max(1, taken * 2 if taken == wanted else taken + 1))
        if granted < wanted:
            # The rate is what holds us back: let half a slice gather, instead of a call for each token.
            return max(0.0, asked + SLICE_SECONDS / 2 - trio.current_time())
        return 0.0

    async def _lease(self, wanted: int) -> Lease | None:
        unused = self._outlet.unused
        returned, unused[self._api] = unused[self._api], 0
        try:
            leased = await lease(
                self._store,
                self._account,
                self._api,
                self._limit,
                wanted,
                returned=returned,
                returned_day=self._day,
            )
        except StoreUnavailableError as error:
            self._lost_store(error)
            return None
        self._reachable = True
        self._day = leased.day
        return leased

    async def _take(self, count: int, send_before: float) -> int:
        """Take up to `count` over the ready shards, starting with another one each time; how many came."""
        came = 0
        while came < count and (ready := self._readiness.ready(self._feed)):
            self._turn += 1
            counts = _shares(sorted(ready), self._turn, count - came)
            try:
                taken = await take(
                    self._store, self._feed, counts, self._claim_seconds, retain_seconds=self._retain_seconds
                )
            except StoreUnavailableError as error:
                self._lost_store(error)
                break
            for shard in taken.emptied:
                self._readiness.clear(self._feed, shard, ready[shard])
            self._hand_over(taken, send_before)
            came += len(taken.claims)
        return came

    def _hand_over(self, taken: Taken, send_before: float) -> None:
        for dropped in taken.dropped:
            PUSHES_FINISHED.labels(self._account, dropped.push.channel, dropped.state).inc()
        for claim in taken.claims:
            self._submit(Job(claim, self._outlet, send_before))

    def _lost_store(self, error: StoreUnavailableError) -> None:
        if self._reachable:
            log.warning("nothing taken, store unavailable", account=self._account, error=str(error))
        self._reachable = False


def _shares(shards: list[int], turn: int, count: int) -> dict[int, int]:
    """How many to ask of which shards: of as few as `SHARD_SHARE` allows, of others each turn."""
    asked = min(len(shards), math.ceil(count / SHARD_SHARE))
    share = math.ceil(count / asked)
    return {
        shards[(turn * asked + n) % len(shards)]: min(share, count - n * share)
        for n in range(asked)
        if count > n * share
    }
