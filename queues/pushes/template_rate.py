"""What each template of an account may use of a second and of a day, over all processes and shards.

How it works: a template's pushes lie in every shard, and a script of one shard may not count for the others; dividing a
limit by the shards would leave some of a small one unused. So pushes of limited templates are claimed like others and
then ask for seats of their template, in one call more for the account (`give_seats.lua`). A seat is for the moment of a
token of the account's rate that this process has, and void when that is. Some wait here for a seat that comes free
soon, so that none is left; the others are parked, each until shortly before its seat. A worker that dies leaves the
seats it had unused: too little is sent for a while, never too much.
"""

import math
from collections.abc import Mapping, Sequence

import msgpack
import trio
from msgspec import Struct

from queues import keys, scripts
from queues.account import TemplateLimit
from queues.limits.rate import AHEAD_SECONDS, GOOD_SECONDS, LATE_SECONDS
from queues.outcome import Outcome
from queues.push import Claim
from queues.pushes.settler import settle
from queues.scripts import Call
from queues.store import Store

REASON = "its template has had enough for now"
_ROUNDED_SECONDS = 0.0001
"""A seat is taken for this much less than its token may be late. Moments are whole microseconds, and a token that comes
a second's tokens after another must find the other's seat free."""


class Seat(Struct, frozen=True):
    """For one send between these (monotonic). `token` is the moment of the token it goes with, if it goes with one."""

    token: int = 0
    good_from: float = -math.inf
    good_until: float = math.inf


class Seats(Struct, frozen=True):
    """What those that asked for seats of one template get: the first of them a seat each, the next `waiting` may wait.

    The others come back after `first_seconds`, each `step_seconds` after the one before, but none after `last_seconds`.
    """

    given: Sequence[Seat]
    waiting: int
    first_seconds: float
    step_seconds: float
    last_seconds: float

    def back_in(self, place: int) -> float:
        """Seconds; `place` is 0 for the first of those that may not wait."""
        # A millisecond more, since those below one are cut off: nothing comes back just before its moment.
        return min(self.first_seconds + place * self.step_seconds, self.last_seconds) + 0.001


async def ask_seats(
    store: Store,
    account: str,
    api: str,
    limits: Mapping[str, TemplateLimit],
    wanted: Mapping[str, int],
    tokens: Sequence[int] | None,
    lead_seconds: float = 0.0,
) -> dict[str, Seats]:
    """Ask for seats, for so many pushes of each limited template. Repeats count too: the platform sees each send.

    `tokens`: the moments (µs on the store's clock, ascending) of those of the account's rate that are to be had; None
    if it has no rate. Then seats begin after `lead_seconds`, which should be a round trip.

    Raises:
        StoreUnavailableError: some seats may have been given; they are lost.
    """
    arguments: list[object] = [
        msgpack.packb(list(tokens or ())),
        int(tokens is None),
        int(min(lead_seconds, AHEAD_SECONDS) * 1e6),
        int(AHEAD_SECONDS * 1e6),
        int((LATE_SECONDS - _ROUNDED_SECONDS) * 1e6),
    ]
    for template, count in wanted.items():
        limit = limits[template]
        arguments += template, count, limit.most, limit.window_ms, limit.per_day
    names = (keys.templates(account, api), *(keys.seats(account, api, template) for template in wanted))
    asked = trio.current_time()
    [(now_us, answers)] = await store.run("give_seats", [Call(scripts.load("give_seats"), names, arguments)])
    store.clock.observe(asked, trio.current_time(), now_us / 1e6)
    return {
        template: Seats([_seat(store, moment) for moment in moments], waiting, first / 1e3, step / 1e6, last / 1e3)
        for template, (moments, waiting, first, step, last) in zip(wanted, answers, strict=True)
    }


async def park(store: Store, claims: Sequence[tuple[Claim, float]], retain_seconds: float) -> None:
    """Set claims aside, each for so many seconds.

    Raises:
        StoreUnavailableError: some may not have been; they come back when the claims end.
    """
    await settle(
        store,
        [Outcome(claim=claim, kind="park", delay_seconds=seconds, error=REASON) for claim, seconds in claims],
        retain_seconds,
    )


def _seat(store: Store, moment: int) -> Seat:
    if not moment:
        return Seat()
    return Seat(
        token=moment,
        good_from=store.clock.surely_reached(moment / 1e6),
        good_until=store.clock.perhaps_reached(moment / 1e6 + GOOD_SECONDS),
    )
