"""Leases of an account's rate and daily quota on one API.

How it works: tokens stand an interval apart on the store's clock, and a lease is some of those to come. Each is good
for one send, which reaches the platform at its moment or up to `LATE_SECONDS` later, and void `GOOD_SECONDS` after it.
So processes need no agreement but who has which token, and a worker that dies or freezes makes us send too
little for a moment, never too much. Tokens are leased ahead of their moments, so that pushes can be taken meanwhile and
a slow answer of the store costs nothing.

The interval is a little longer than 1 / rate, so that no window of one second ever sees more than the rate: see
`interval_us`.
"""

import math
from typing import Any, Literal, cast

import msgspec
import trio
from msgspec import Struct

from queues import keys, scripts
from queues.account import ApiLimit
from queues.connection.clock import StoreClock
from queues.limits.holds import fields_over
from queues.scripts import Call
from queues.store import Store

LATE_SECONDS = 0.015
"""How long after its token's moment a send may reach the platform; what is used of a rate is 1 / (1 + this)."""
ON_THE_WAY_SECONDS = 0.003
"""Of that, for what lies between the last look at the clock and the platform."""
GOOD_SECONDS = LATE_SECONDS - ON_THE_WAY_SECONDS
"""A token is lost when this process is kept from its processor for longer."""
AHEAD_SECONDS = 0.12
FARTHEST_SECONDS = 5.0
"""No lease reaches further ahead, whatever its slice; `lease.lua` knows it, too."""
SLICE_SECONDS = 0.03
"""What one lease holds at most, so that several processes get their share and in turns: a push waits for its process to
have one. Half of it is between leases."""

LEAST_PACE = 1 / 16
GROWING_SECONDS = 600.0
"""What a pace of nothing would take to grow to the whole rate again: a halved one takes half of it. The platform tells
neither its limit nor how long to be slow."""


LeaseState = Literal["granted", "probe", "rate", "quota", "parked", "stopped"]


class HeldTemplate(Struct, frozen=True):
    """A template that rests for `seconds`; with `probe` one push of it may be tried."""

    template: str
    seconds: float
    probe: bool


class Lease(Struct, frozen=True, kw_only=True):
    """Tokens to send with; none: ask again in `wait_seconds`.

    The first is good from `good_from` (monotonic) for `good_seconds`, each further one `interval` later; `moment` is
    the first one's on the store's clock (seconds since the epoch). `day` is the day they are booked on (days since the
    epoch, UTC+8). `state` says why there are none, or that this one is to try what was held; `reason` is the error it
    is held for. Of pushes that are not of high priority so many may still go today: `ordinary`, or any number (None).
    Pushes of `held` templates may not.
    """

    granted: int
    wait_seconds: float
    state: LeaseState
    day: int
    reason: str
    ordinary: int | None = None
    held: tuple[HeldTemplate, ...] = ()
    good_from: float = -math.inf
    good_seconds: float = math.inf
    interval: float = 0.0
    moment: float = 0.0


def slice_size(per_second: float, seconds: float = SLICE_SECONDS) -> int:
    """The most tokens a lease for so many seconds can hold."""
    return max(1, int(per_second * seconds))


def interval_us(per_second: float) -> float:
    """Microseconds between tokens, such that no half-open window of one second sees more than `per_second` sends.

    A send arrives up to `LATE_SECONDS` (g) after its token's moment, so what comes within one second had moments within
    less than 1 + g seconds, and tokens an interval T apart have at most ceil((1 + g) / T) moments in that time: no more
    than the rate r for T = (1 + g) / r. A rate below one a second is one in any 1 / r seconds.
    """
    if per_second <= 0:
        return 0
    if per_second < 1:
        return 1e6 * (1 / per_second + LATE_SECONDS)
    return 1e6 * (1 + LATE_SECONDS) / int(per_second)


class LeaseRequest(Struct, frozen=True, kw_only=True):
    """Up to `wanted` tokens of one API's rate and daily quota.

    `returned` tokens of earlier leases, booked on `returned_day`, were not used and go back into that day's ledger (not
    into the rate: the moment has passed). `ordinary` pushes that are not of high priority were claimed since the last
    time. `lead_seconds` is how soon the first token can be of use: about a round trip. A lease holds at most what
    `slice_seconds` bring.
    """

    account: str
    api: str
    limit: ApiLimit
    wanted: int
    returned: int = 0
    returned_day: int = 0
    ordinary: int = 0
    lead_seconds: float = 0.0
    slice_seconds: float = SLICE_SECONDS

    def call(self) -> Call:
        return Call(
            scripts.load("lease"),
            (keys.rate(self.account, self.api), keys.holds(self.account), keys.pace(self.account, self.api)),
            (
                self.wanted,
                f"{interval_us(self.limit.per_second):.3f}",
                slice_size(self.limit.per_second, self.slice_seconds),
                self.limit.per_day,
                keys.quota(self.account, self.api),
                self.returned,
                self.returned_day,
                int(min(max(AHEAD_SECONDS, self.slice_seconds), FARTHEST_SECONDS) * 1e6),
                int(min(self.lead_seconds, AHEAD_SECONDS) * 1e6),
                self.limit.ordinary_per_day,
                self.ordinary,
                int(GROWING_SECONDS * 1000),
                self.api,
                *fields_over(self.api),
            ),
        )

    def read(self, clock: StoreClock, asked: float, answered: float, result: list[Any]) -> Lease:
        """The script's answer, and when (monotonic) it was asked for and had."""
        granted, wait_ms, state, day, reason, ordinary, held, *moment = result
        lease = Lease(
            granted=granted,
            wait_seconds=wait_ms / 1000,
            state=cast("LeaseState", state.decode()),
            day=day,
            reason=reason.decode(),
            ordinary=None if ordinary < 0 else ordinary,
            held=tuple(
                HeldTemplate(held[i].decode(), held[i + 1] / 1000, bool(held[i + 2])) for i in range(0, len(held), 3)
            ),
        )
        if not moment or not self.limit.per_second:
            return lease
        now, first = moment[0] / 1e6, (moment[0] + moment[1]) / 1e6
        clock.observe(asked, answered, now)
        good_from = clock.surely_reached(first)
        return msgspec.structs.replace(
            lease,
            good_from=good_from,
            good_seconds=clock.perhaps_reached(first + GOOD_SECONDS) - good_from,
            interval=moment[2] / 1e9,
            moment=first,
        )


async def lease(store: Store, request: LeaseRequest) -> Lease:
    """Lease tokens.

    Raises:
        StoreUnavailableError: some may have been leased; they expire unused.
    """
    asked = trio.current_time()
    [result] = await store.run("lease", [request.call()])
    return request.read(store.clock, asked, trio.current_time(), result)


async def slow_down(store: Store, account: str, api: str) -> float:
    """Halve the pace of an API that has a rate: the platform called it too fast. What share of the rate it has now.

    It grows to the whole again in five minutes, unless it is halved again.

    Raises:
        StoreUnavailableError: repeating it may halve the pace twice.
    """
    arguments = (int(GROWING_SECONDS * 1000), LEAST_PACE)
    [pace] = await store.run("slow_down", [Call(scripts.load("slow_down"), (keys.pace(account, api),), arguments)])
    return int(pace) / 1000
