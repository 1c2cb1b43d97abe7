"""Hands claimed pushes to the senders as the tokens of their feed come good.

How it works: tokens wait here in the order of their moments, claims in turns by upstream and priority, and each claim
gets the next good token. Without a rate every token is good, and nothing ever waits.
"""

import math
from collections.abc import Callable, Iterable

import trio

from pushers.allowance import Allowance
from pushers.outlet import Outlet
from pushers.room import Room
from pushers.sender import Job
from pushers.turn_queue import TurnQueue, line_of
from queues.limits.rate import Lease
from queues.push import Claim

LEAST_SECONDS = 0.002
"""Between two looks: at thousands a second, tokens are used a few at a time rather than with a timer each."""


class Pacer:
    """The claims and the tokens of one feed. The feeder bounds both: it claims for tokens it has, within the room."""

    def __init__(
        self,
        outlet: Outlet,
        submit: Callable[[Job], None],
        on_short: Callable[[], None],
        room: Room | None = None,
    ) -> None:
        """`on_short` is called when claims wait and no token is left: some became void.

        With `room` a claim takes its place there when it is handed over; otherwise it has one already.
        """
        self.allowance = Allowance()
        self._outlet = outlet
        self._submit = submit
        self._on_short = on_short
        self._room = room
        self._claims: TurnQueue[Claim] = TurnQueue()
        self._waiting = trio.Event()

    @property
    def bare(self) -> int:
        """Tokens without a claim; negative for claims without a token."""
        return self.allowance.held - len(self._claims)

    def bare_by(self, moment: float) -> int:
        """How many tokens without a claim will have come good by then."""
        return self.allowance.good_by(moment) - len(self._claims)

    def bare_from(self, skipped: int = 0) -> float:
        """When the first token without a claim comes good, or the one after `skipped` more; never (inf) without it."""
        return self.allowance.good_from(len(self._claims) + skipped)

    def add(self, lease: Lease | None, claims: Iterable[Claim] = ()) -> None:
        """Hand over what can be, and keep the rest."""
        if lease is not None:
            self.allowance.add(lease)
        for claim in claims:
            self._claims.add(line_of(claim.push), claim)
        self._hand_over()
        if self._claims:
            self._waiting.set()

    def release(self) -> None:
        """Let the senders put all claims back unsent, and give up the tokens."""
        self.allowance.give_back()
        self._take_places(len(self._claims))  # at once, free or not: it is for a moment
        while self._claims:
            self._submit(Job(self._claims.pop(), self._outlet, -math.inf))

    async def run(self) -> None:
        """Hand over what comes good later, until cancelled."""
        while True:
            while not self._claims or not self.allowance.held:
                self._waiting = trio.Event()
                await self._waiting.wait()
            await trio.sleep_until(max(self.allowance.good_from(), trio.current_time() + LEAST_SECONDS))
            self._hand_over()
            if self.bare < 0:
                self._on_short()

    def _hand_over(self) -> None:
        most = len(self._claims)
        if self._room is not None and most:
            most = max(0, min(most, self._room.free(self._outlet.account.name)))
        spent = self.allowance.spend(trio.current_time(), most)
        self._take_places(len(spent))
        for send_before in spent:
            claim = self._claims.pop()
            self._submit(Job(claim, self._outlet, min(send_before, claim.good_until)))

    def _take_places(self, count: int) -> None:
        if self._room is not None and count:
            self._room.reserve(self._outlet.account.name, count)
