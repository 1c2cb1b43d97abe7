"""Whether pushes may come in, by what waits already; without I/O.

How it works: the signals are the store's, read about once a second: the pushes of an account that wait, in its queues
or for their time, how long the queued ones would take at its rate and day's quota, and the store's memory. Between
readings what this gateway took is added. All three are reached long before the store refuses to append, and then pushes
are refused while callbacks still have room: an upstream holds its work and can wait, the platform cannot. In overload,
which is seen within milliseconds, `admission` refuses pushes first as well.

The bound is exact for one gateway. With several, each of the others may add what it takes between two readings.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from gateway.admission import Admission, Rank
from gateway.settings import ServerSettings
from queues.account import Account
from queues.keys import feed
from queues.limits.platform_day import DAY_SECONDS
from queues.readings.backlog import Backlog

STALE_SECONDS = 10.0
"""A reading that is older says nothing; the append itself tells then what the store can take."""

_OVERLOAD_RETRY_SECONDS = 1  # a window of `admission`
_MEMORY_RETRY_SECONDS = 5  # sends free memory slowly; the next reading is a second away
_MOST_RETRY_SECONDS = 300


class Overfull(Struct, frozen=True):
    """Why pushes are refused, and when to try again, in seconds."""

    reason: str
    retry_after: int


class PushAdmission:
    """The readings and the marks they are held against. Times are in seconds on the monotonic clock."""

    def __init__(self, settings: ServerSettings, accounts: Iterable[Account], overload: Admission) -> None:
        self._settings = settings
        self._overload = overload
        self._accounts = {account.name: account for account in accounts}
        self._queued: Counter[str] = Counter()  # by feed
        self._of_account: Counter[str] = Counter()
        self._later: Counter[str] = Counter()
        self._memory_share = 0.0
        self._read_at = -math.inf

    def observe(self, backlog: Backlog, now: float) -> None:
        """Take a reading. What was added while it was made may be missing until the next one."""
        self._queued = Counter(backlog.queued)
        self._of_account = Counter()
        self._later = Counter(backlog.later)
        for name, queued in backlog.queued.items():
            self._of_account[name.partition(":")[0]] += queued
        self._memory_share = backlog.memory_share
        self._read_at = now

    def added(self, pushes: Mapping[tuple[str, str], int]) -> None:
        """Count what was appended, by account and API."""
        for (account, api), count in pushes.items():
            self._queued[feed(account, api)] += count
            self._of_account[account] += count

    def refuses_any(self, accounts: Iterable[str], now: float) -> Overfull | None:
        """Why nothing can be taken for any of these accounts, asked before a request is read."""
        # A request stands for itself and not for its upstream, or one upstream would be refused for an hour.
        if not self._overload.admits(Rank.PUSH, repr(now).encode(), now):
            return Overfull("callbacks wait, and go first", _OVERLOAD_RETRY_SECONDS)
        if now - self._read_at > STALE_SECONDS:
            return None
        most = self._settings.max_memory_share
        if self._memory_share > most:
            return Overfull(f"the store's memory is over {most:.0%} full", _MEMORY_RETRY_SECONDS)
        found = None
        for account in accounts:
            found = self._over_mark(account, 1)
            if found is None:
                return None
        return found

    def refuses(self, pushes: Mapping[tuple[str, str], int], now: float) -> Overfull | None:
        """Why a request with so many pushes, by account and API, cannot be taken."""
        if now - self._read_at > STALE_SECONDS:
            return None
        totals: Counter[str] = Counter()
        for (account, _), count in pushes.items():
            totals[account] += count
        for account, count in totals.items():
            if found := self._over_mark(account, count):
                return found
        for (account, api), count in pushes.items():
            if found := self._too_slow(account, api, count):
                return found
        return None

    def _over_mark(self, account: str, count: int) -> Overfull | None:
        queued, most = self._of_account[account], self._settings.max_queued
        waiting = queued + self._later[account]
        # A request larger than the mark itself is taken once nothing is queued: it would never be, otherwise.
        if not most or waiting + count <= most or (count > most and not queued):
            return None
        limits = self._accounts[account].limits.values()
        rate = sum(limit.per_second for limit in limits)
        return Overfull(
            f"{waiting} pushes of account '{account}' wait, and {most} may", _seconds(waiting + count - most, rate)
        )

    def _too_slow(self, account: str, api: str, count: int) -> Overfull | None:
        most = self._settings.max_drain_seconds
        queued = self._queued[feed(account, api)]
        if not most or not queued:
            return None
        seconds = self.drain_seconds(account, api, queued + count)
        if seconds <= most:
            return None
        reason = f"what waits of account '{account}' takes {seconds / 3600:.1f} h at its limits, and may take "
        return Overfull(f"{reason}{most / 3600:.1f} h", min(math.ceil(seconds - most), _MOST_RETRY_SECONDS))

    def drain_seconds(self, account: str, api: str, queued: int) -> float:
        """How long so many pushes take at best, by the account's limits; 0 where it has none."""
        limit = self._accounts[account].limit(api)
        at_rate = queued / limit.per_second if limit.per_second else 0.0
        by_quota = queued / limit.per_day * DAY_SECONDS if limit.per_day else 0.0
        # Within the first day the quota does not slow anything down.
        return max(at_rate, by_quota if queued > limit.per_day else 0.0)


def _seconds(excess: int, rate: float) -> int:
    """When the excess is sent, at a known rate; else soon."""
    return min(max(1, math.ceil(excess / rate)), _MOST_RETRY_SECONDS) if rate else 5
