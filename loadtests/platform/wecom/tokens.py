"""WeCom's access tokens (§3.3): one for each application, the same one while it is valid."""

from loadtests.platform.tokens import Issued
from loadtests.platform.windows import HOUR, FixedWindow

FAILED_CALLS = 2_000
"""Wrong calls of gettoken in an hour, after which it is blocked for an hour (told by staff in the forum)."""


class WecomTokens:
    """The token of one application. `same`: a repeated fetch gives the same one, which newer documents do not say."""

    def __init__(self, corp_id: str, secret: str, life: float, name: str, *, same: bool = True) -> None:
        self.name = name
        self._corp_id = corp_id
        self._secret = secret
        self._life = life
        self._same = same
        self._issued = 0
        self._live: dict[str, float] = {}
        self._retired: dict[str, int] = {}
        self._failed = FixedWindow(FAILED_CALLS, HOUR)
        self._blocked_until = float("-inf")

    def fetch(self, corp_id: str, secret: str, now: float, *, foreign: bool = False) -> Issued | int:
        """A token, or 41004, 40013, 40091 (the secret is another corp's: `foreign`), 40001, 45009 (blocked)."""
        if now < self._blocked_until:
            return 45009
        errcode = 0
        if not secret:
            errcode = 41004
        elif corp_id != self._corp_id:
            errcode = 40013
        elif secret != self._secret:
            errcode = 40091 if foreign else 40001
        if errcode:
            if not self._failed.take(now):
                self._blocked_until = now + HOUR
            return errcode
        return self._issue(now)

    def check(self, token: str, now: float) -> int:
        """0 if the token is good, else 41001 (missing), 42001 (expired) or 40014 (unknown)."""
        if not token:
            return 41001
        until = self._live.get(token)
        if until is None:
            return self._retired.get(token, 40014)
        return 0 if now < until else 42001

    def invalidate(self, errcode: int = 40014) -> int:
        """Kill every live token; calls with them get `errcode`. Answers how many."""
        killed = len(self._live)
        self._retired = dict.fromkeys(self._live, errcode)
        self._live.clear()
        return killed

    def _issue(self, now: float) -> Issued:
        self._live = {token: until for token, until in self._live.items() if until > now - HOUR}
        if self._same:
            for token, until in self._live.items():
                if until > now:
                    return Issued(token, int(until - now))
        self._issued += 1
        token = f"{self.name}_{self._issued}_" + "w" * 180
        self._live[token] = now + self._life
        return Issued(token, int(self._life))
