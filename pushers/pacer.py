"""Hands claimed pushes to the senders as the tokens of their feed come good.

How it works: tokens wait here in the order of their moments, claims in turns by upstream and priority, and each claim
gets the next good token. Without a rate every token is good, and nothing waits but claims of templates that have a
limit of their own: they seek a seat first (`seat_queue.py`), and take the token of its moment before all others.
"""

import math
from collections.abc import Callable, Collection, Iterable

import trio

from pushers.allowance import Allowance
from pushers.job import Job
from pushers.outlet import Outlet
from pushers.passage import Passage
from pushers.room import Room
from pushers.seat_queue import SeatQueue
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
        passage: Passage,
        submit: Callable[[Job], None],
        on_short: Callable[[], None],
        room: Room | None = None,
        *,
        limited: Collection[str] = (),
        most_seeking: int = 1,
    ) -> None:
        """`on_short` is called when claims wait and no token is left: some became void.

        With `room` a claim takes its place there when it is handed over; otherwise it has one already. Claims of
        `limited` templates need a seat; at most `most_seeking` wait for one.
        """
        self.allowance = Allowance()
        self.seats = SeatQueue(most_seeking)
        self._outlet = outlet
        self._passage = passage
        self._submit = submit
        self._on_short = on_short
        self._room = room
        self._limited = limited
        self._claims: TurnQueue[Claim] = TurnQueue()
        self._look_at = math.inf
        self._woken = trio.Event()

    @property
    def bare(self) -> int:
        """Tokens without a claim; negative for claims without a token. Claims that seek a seat have no need of one."""
        return self.allowance.held - self._claimed

    @property
    def needy(self) -> bool:
        """Whether claims wait that need a token or a seat."""
        return self.bare < 0 or self.seats.seeking > 0

    def bare_by(self, moment: float) -> int:
        """How many tokens without a claim will have come good by then."""
        return self.allowance.good_by(moment) - self._claimed

    def bare_from(self, skipped: int = 0) -> float:
        """When the first token without a claim comes good, or the one after `skipped` more; never (inf) without it."""
        return self.allowance.good_from(self._claimed + skipped)

    def bare_moments(self, now: float) -> list[int]:
        """The moments, on the store's clock, of the tokens that no claim will take."""
        taken = self.seats.tokens
        return [moment for moment in self.allowance.moments(now) if moment not in taken][len(self._claims) :]

    def add(self, lease: Lease | None, claims: Iterable[Claim] = ()) -> None:
        """Hand over what can be, and keep the rest."""
        if lease is not None:
            self.allowance.add(lease)
        for claim in claims:
            if self._limited and claim.push.template_id in self._limited:
                self.seats.add(claim, trio.current_time())
            else:
                self._claims.add(line_of(claim.push), claim)
        self.hand_over()

    def hand_over(self) -> None:
        """Give the tokens that are good to the claims that may go."""
        now = trio.current_time()
        if self._passage.late:
            self._passage.late -= self.allowance.forfeit(self._passage.late)
        due = self.seats.due(now) if self.seats.seated else 0
        most = len(self._claims) + due
        if self._room is not None and most:
            most = max(0, min(most, self._room.free(self._outlet.account.name)))
        spent = self.allowance.spend(now, most)
        self._take_places(len(spent))
        for seat, send_before in enumerate(spent):
            claim, good_until = self.seats.pop() if seat < due else (self._claims.pop(), math.inf)
            self._submit(Job(claim, self._outlet, self._passage, min(send_before, good_until)))
        if self._next_look() < self._look_at:
            self._woken.set()

    def release(self) -> None:
        """Let the senders put all claims back unsent, and give up the tokens."""
        self.allowance.give_back()
        claims = self.seats.clear()
        while self._claims:
            claims.append(self._claims.pop())
        self._put_back(claims)

    async def run(self) -> None:
        """Hand over what comes good later, until cancelled."""
        while True:
            self._woken = trio.Event()
            self._look_at = self._next_look()
            with trio.move_on_at(max(self._look_at, trio.current_time() + LEAST_SECONDS)) as scope:
                await self._woken.wait()
            if not scope.cancelled_caught:
                continue
            self._put_back(self.seats.overdue(trio.current_time()))
            self.hand_over()
            if self.bare < 0:
                self._on_short()

    @property
    def _claimed(self) -> int:
        return len(self._claims) + self.seats.seated

    def _next_look(self) -> float:
        """When a claim can be handed over, or has waited too long for a seat."""
        ready = -math.inf if self._claims else self.seats.good_from()
        return min(max(self.allowance.good_from(), ready), self.seats.overdue_from())

    def _put_back(self, claims: Collection[Claim]) -> None:
        """They go with no token, and a sender who puts one back returns a token, too."""
        self.allowance.unused -= len(claims)
        self._take_places(len(claims))  # at once, free or not: it is for a moment
        for claim in claims:
            self._submit(Job(claim, self._outlet, self._passage, -math.inf))

    def _take_places(self, count: int) -> None:
        if self._room is not None and count:
            self._room.reserve(self._outlet.account.name, count)
