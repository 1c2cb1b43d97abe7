"""Access tokens: the classic endpoint (§3.1) and the stable one (§3.2), each with its own tokens.

How it works: an endpoint keeps its newest token and the one before it, which stays good for five more minutes at
most; what is older is dead. The two endpoints do not touch each other's tokens.
"""

import hmac
import string
from collections import OrderedDict

from msgspec import Struct

from loadtests.platform.windows import FixedWindow

OVERLAP = 300.0
"""Seconds the replaced token stays good, and the life at which a stable token is replaced."""

FORCED_PAUSE = 30.0
FORCED_PER_DAY = 20
STABLE_PER_MINUTE = 10_000
STABLE_PER_DAY = 500_000
CLASSIC_PER_DAY = 2_000

_RETIRED = 1_000
_SECRET_LENGTH = 32


class Issued(Struct, frozen=True, gc=False):
    """A token and the whole seconds it still lives."""

    token: str
    expires_in: int


class _Live(Struct, frozen=True, gc=False):
    token: str
    until: float


class TokenDesk:
    """The tokens of one account. `now` is seconds since the epoch; refusals are returned as errcodes."""

    def __init__(
        self, app_id: str, app_secret: str, life: float = 7200, name: str = "1", *, live_tokens: int = 2
    ) -> None:
        """`live_tokens`: how many of an endpoint's newest are good; that it is two is not documented (§8)."""
        self._app_id = app_id
        self._app_secret = app_secret
        self._life = life
        self.name = name
        self._keep = live_tokens
        self._issued = 0
        self._stable: list[_Live] = []
        self._classic: list[_Live] = []
        # Remembered so that an expired token is told from one that never was; the oldest are forgotten.
        self._retired: OrderedDict[str, int] = OrderedDict()
        self._stable_minute = FixedWindow.minute(STABLE_PER_MINUTE)
        self._stable_day = FixedWindow.day(STABLE_PER_DAY)
        self._classic_day = FixedWindow.day(CLASSIC_PER_DAY)
        self._forced_day = FixedWindow.day(FORCED_PER_DAY)
        self._forced_at = float("-inf")

    def check_credentials(self, grant_type: str, app_id: str, secret: str) -> int:
        """0, or the errcode the token endpoints answer."""
        if grant_type != "client_credential":
            return 40002
        if not app_id:
            return 41002
        if not secret:
            return 41004
        if app_id != self._app_id:
            return 40013
        if hmac.compare_digest(secret.encode(), self._app_secret.encode()):
            return 0
        # Both codes are seen for a wrong secret (§3.4, §5.1); 40125 fits one that cannot be a secret at all.
        return 40001 if len(secret) == _SECRET_LENGTH and set(secret) <= set(string.hexdigits) else 40125

    def classic(self, now: float) -> Issued | int:
        """A new token at every call; the one before stays good for five minutes."""
        if not self._classic_day.take(now):
            return 45009
        return self._replace(self._classic, now)

    def stable(self, now: float, *, force: bool = False) -> Issued | int:
        """The same token until five minutes before its end; forced, a new one, but not within 30 s of the last."""
        if not self._stable_minute.take(now):
            return 45011
        if not self._stable_day.take(now):
            return 45009
        if force and now - self._forced_at >= FORCED_PAUSE:
            if not self._forced_day.take(now):
                return 45009
            self._forced_at = now
            return self._replace(self._stable, now)
        current = self._stable[-1] if self._stable else None
        if current is None or current.until - now <= OVERLAP:
            return self._replace(self._stable, now)
        return Issued(current.token, int(current.until - now))

    def check(self, token: str, now: float) -> int:
        """0 if the token is good, else 41001 (missing), 42001 (expired) or 40001 (replaced, or never issued)."""
        if not token:
            return 41001
        for live in (*self._stable, *self._classic):
            if live.token == token:
                return 0 if now < live.until else 42001
        return self._retired.get(token, 40001)

    def invalidate(self, errcode: int = 40001) -> int:
        """Kill every live token, as the platform may at any time; calls with them get `errcode`. Answers how many."""
        killed = [*self._stable, *self._classic]
        for live in killed:
            self._retire(live, errcode)
        self._stable.clear()
        self._classic.clear()
        return len(killed)

    def _replace(self, line: list[_Live], now: float) -> Issued:
        self._issued += 1
        fresh = _Live(f"{self.name}_{self._issued}_" + "t" * 100, now + self._life)
        if line:
            line[-1] = _Live(line[-1].token, min(line[-1].until, now + OVERLAP))
        line.append(fresh)
        while len(line) > self._keep:
            older = line.pop(0)
            self._retire(older, 42001 if older.until <= now else 40001)
        return Issued(fresh.token, int(self._life))

    def _retire(self, live: _Live, errcode: int) -> None:
        self._retired[live.token] = errcode
        if len(self._retired) > _RETIRED:
            self._retired.popitem(last=False)
