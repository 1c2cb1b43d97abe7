"""The people of a run: whom callbacks come from and pushes go to. Seeded, and no two arrivals alike.

How it works: a run has one number, and each of its processes is one member; both stand in every OPENID, message id and
idempotency key, so processes that know nothing of each other never make the same one.
"""

import random
from collections.abc import Callable

from loadtests.generators.callback_mix import FIRST_MSGID, CallbackMix, Kind
from loadtests.platform.callbacks import Callback
from loadtests.push_request import PushItem, notice

MAX_MEMBERS = 1_000
_RUNS = 1_000_000
_PLACE = 10**17
_RUN_BITS, _MEMBER_BITS, _NUMBER_BITS = 20, 10, 28


class People:
    """One process's people. `run` is any number that differs between runs, `member` the process's own in 0..999."""

    def __init__(self, original_id: str, account: str, *, run: int, member: int, wall: Callable[[], float]) -> None:
        self._account = account
        self._run = run % _RUNS
        self._member = member % MAX_MEMBERS
        self._wall = wall
        self._random = random.Random(f"{run}-{member}")
        self._mix = CallbackMix(original_id, self._random)
        self._number = 0
        high = (self._run % (1 << _RUN_BITS)) << _MEMBER_BITS | self._member
        self._msgids = FIRST_MSGID + (high << _NUMBER_BITS)

    def anything(self) -> Callback:
        """A follow, a text, a scan, a menu click or a receipt, as they are mixed on a busy day."""
        return self._make(self._mix.any_kind())

    def follow(self) -> Callback:
        """Somebody new follows through a parameter QR code."""
        return self._make("subscribe")

    def question(self) -> Callback:
        """A text message, as a query of one's fines or appointments is."""
        return self._make("text")

    def click(self) -> Callback:
        """A menu entry is tapped."""
        return self._make("CLICK")

    def receipt(self) -> Callback:
        """What became of one message of a notice; most arrive, some people have turned it off."""
        return self._make("receipt")

    def push(self) -> PushItem:
        """A notice for one person."""
        openid, number = self._next()
        return notice(self._account, openid, number, f"load-{self._run}-{self._member}-{number}", self._random)

    def _make(self, kind: Kind) -> Callback:
        openid, number = self._next()
        return self._mix.make(kind, openid, int(self._wall()), self._msgids + number)

    def _next(self) -> tuple[str, int]:
        """A person that had no turn yet (28 characters, as an OPENID has), and the turn's number."""
        self._number += 1
        openid = f"oL{self._run:06d}{self._member:03d}{self._number % _PLACE:017d}"
        return openid, self._number
