"""The people of a run: whom callbacks come from and pushes go to. Seeded, and no two arrivals alike.

How it works: a run has one number, and each of its processes is one member; both stand in every OPENID, message id and
idempotency key, so processes that know nothing of each other never make the same one.
"""

import random
from collections.abc import Callable

from loadtests.platform import callbacks
from loadtests.platform.callbacks import Callback
from loadtests.push_request import PushItem, notice

MAX_MEMBERS = 1_000
_RUNS = 1_000_000
_PLACE = 10**17
_FIRST_MSGID = 1 << 61
_RUN_BITS, _MEMBER_BITS, _NUMBER_BITS = 20, 10, 28
_MENU_KEYS = ("balance", "appointments", "notices", "about")
_SCENES = 500
_KINDS = ("subscribe", "text", "SCAN", "CLICK", "receipt")
_SHARES = (30, 25, 15, 15, 15)
_STATUSES = ("success", "failed:user block", "failed: system failed")
_STATUS_SHARES = (96, 3, 1)


class Crowd:
    """One process's people. `run` is any number that differs between runs, `member` the process's own in 0..999."""

    def __init__(self, original_id: str, account: str, *, run: int, member: int, wall: Callable[[], float]) -> None:
        self._original_id = original_id
        self._account = account
        self._run = run % _RUNS
        self._member = member % MAX_MEMBERS
        self._wall = wall
        self._random = random.Random(f"{run}-{member}")
        self._number = 0
        high = (self._run % (1 << _RUN_BITS)) << _MEMBER_BITS | self._member
        self._msgids = _FIRST_MSGID + (high << _NUMBER_BITS)

    def anything(self) -> Callback:
        """A follow, a text, a scan, a menu click or a receipt, as they are mixed on a busy day."""
        kind = self._random.choices(_KINDS, _SHARES)[0]
        match kind:
            case "text":
                return self.question()
            case "receipt":
                return self.receipt()
            case "subscribe":
                return self.follow()
            case "SCAN":
                return self._event("SCAN", str(self._random.randrange(_SCENES)))
            case _:
                return self.click()

    def follow(self) -> Callback:
        """Somebody new follows through a parameter QR code."""
        return self._event("subscribe", f"qrscene_{self._random.randrange(_SCENES)}")

    def question(self) -> Callback:
        """A text message, as a query of one's fines or appointments is."""
        content = f"查询 粤A{self._random.randrange(100_000):05d}"
        openid, created, number = self._next()
        return callbacks.text(self._original_id, openid, created, self._msgids + number, content)

    def click(self) -> Callback:
        """A menu entry is tapped."""
        return self._event("CLICK", self._random.choice(_MENU_KEYS))

    def receipt(self) -> Callback:
        """What became of one message of a notice; most arrive, some people have turned it off."""
        status = self._random.choices(_STATUSES, _STATUS_SHARES)[0]
        openid, created, number = self._next()
        return callbacks.receipt(self._original_id, openid, created, self._msgids + number, status)

    def push(self) -> PushItem:
        """A notice for one person."""
        openid, _, number = self._next()
        return notice(self._account, openid, number, f"load-{self._run}-{self._member}-{number}", self._random)

    def _event(self, name: str, key: str) -> Callback:
        openid, created, _ = self._next()
        return callbacks.event(self._original_id, openid, created, name, key=key)

    def _next(self) -> tuple[str, int, int]:
        """A person that had no turn yet (28 characters, as an OPENID has), the time, and the turn's number."""
        self._number += 1
        openid = f"oL{self._run:06d}{self._member:03d}{self._number % _PLACE:017d}"
        return openid, int(self._wall()), self._number
