"""Claims of limited templates in this process, until each has a seat of its template and the seat's moment has come.

How it works: claims wait here for seats, first come, first served within a template, and the feeder asks for all of
them in each round. With a seat a claim waits for the moment of its token. Does no I/O; times are monotonic.
"""

import math
from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush
from itertools import count, islice
from typing import NamedTuple

from queues.push import Claim
from queues.pushes.template_rate import Seat, Seats

LONGEST_SECONDS = 2.0
"""What waits for a seat goes back to its queue then: others may have taken them all, or the account may rest. A claim
must be left enough of its time for a send."""


class _Seated(NamedTuple):
    """In the order of their moments; `number` tells apart those of one moment."""

    good_from: float
    number: int
    since: float
    seat: Seat
    claim: Claim


class SeatQueue:
    """At most `most` claims seek a seat after each answer; in between also what one round takes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lines: dict[str, deque[tuple[float, Claim]]] = {}
        self._seated: list[_Seated] = []
        self._number = count()
        self.seeking = 0
        """Claims that have no seat yet."""

    @property
    def seated(self) -> int:
        """Claims that wait for their seats' moments."""
        return len(self._seated)

    @property
    def wanted(self) -> dict[str, int]:
        """How many claims of each template seek a seat."""
        return {template: len(line) for template, line in self._lines.items()}

    @property
    def tokens(self) -> set[int]:
        """The moments of the tokens that go with the seats there are."""
        return {each.seat.token for each in self._seated}

    def add(self, claim: Claim, now: float) -> None:
        """One more claim of a limited template."""
        self._lines.setdefault(claim.push.template_id, deque()).append((now, claim))
        self.seeking += 1

    def seat(self, answers: Mapping[str, Seats]) -> list[tuple[Claim, float]]:
        """Take what was asked for as `wanted`; the claims that are too many, and in how many seconds each is due."""
        aside: list[tuple[Claim, float]] = []
        asked = [(self._lines.pop(template, deque()), seats) for template, seats in answers.items()]
        self.seeking -= sum(len(line) for line, _ in asked)
        for line, seats in asked:
            for seat in seats.given[: len(line)]:
                since, claim = line.popleft()
                heappush(self._seated, _Seated(seat.good_from, next(self._number), since, seat, claim))
            stay = min(len(line), seats.waiting, max(0, self._most - self.seeking))
            aside += [(claim, seats.back_in(place)) for place, (_, claim) in enumerate(islice(line, stay, None))]
            if stay:
                self._lines[line[0][1].push.template_id] = deque(islice(line, stay))
                self.seeking += stay
        return aside

    def good_from(self) -> float:
        """When the first seat is good; never (inf) if there is none."""
        return self._seated[0].good_from if self._seated else math.inf

    def due(self, now: float) -> int:
        """How many seats are good now. Claims whose seats have become void seek another."""
        while self._seated and self._seated[0].seat.good_until <= now:
            void = heappop(self._seated)
            self._lines.setdefault(void.claim.push.template_id, deque()).appendleft((void.since, void.claim))
            self.seeking += 1
        return sum(each.good_from <= now for each in self._seated)

    def pop(self) -> tuple[Claim, float]:
        """The claim whose seat was good first, and until when it is."""
        first = heappop(self._seated)
        return first.claim, first.seat.good_until

    def overdue_from(self) -> float:
        """When one of those that seek a seat will have waited too long; never (inf) if none does."""
        return min((line[0][0] for line in self._lines.values()), default=math.inf) + LONGEST_SECONDS

    def overdue(self, now: float) -> list[Claim]:
        """Take out those that have waited too long."""
        found = []
        for template, line in list(self._lines.items()):
            while line and line[0][0] + LONGEST_SECONDS <= now:
                found.append(line.popleft()[1])
            if not line:
                del self._lines[template]
        self.seeking -= len(found)
        return found

    def clear(self) -> list[Claim]:
        """Take out all claims."""
        found = [claim for line in self._lines.values() for _, claim in line]
        found += [each.claim for each in self._seated]
        self._lines.clear()
        self._seated.clear()
        self.seeking = 0
        return found
