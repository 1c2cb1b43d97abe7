"""Notices that a store lacks batches which it had confirmed: a replica took over that never had them.

How it works: each process counts its batches in the store, each behind its batch in the same round trip. Replicas are
sent all writes in the order they were made, so one that takes over has every batch up to some point. If that point lies
before a batch that was confirmed, the count is behind too: the next batch gets a number that a confirmed one had.

The count serves the proof as well: WAIT and WAITAOF wait for what the same connection wrote, so a batch of repeats,
which writes nothing, would be proven at once, although the first of them may still be on its way to disk or replica.

What it does not see: losses after the last batch of a process that ends before it writes another, and as many batches
as had an unknown outcome (timeouts) on the server that took over.
"""

import threading
import time
from secrets import token_hex

from msgspec import Struct

from queues import scripts
from queues.keys import tally_key
from queues.scripts import Call

LIFE_SECONDS = 86_400
_TRUSTED_SECONDS = LIFE_SECONDS / 2  # then the store may have dropped the count by itself


class Entry(Struct, frozen=True):
    """A batch about to be counted: the call that counts it, and what was confirmed before."""

    call: Call
    key: str
    confirmed: int
    era: int


class _Standing(Struct):
    """The highest confirmed number of a key, and when; `era` rises with each loss, for batches on their way then."""

    confirmed: int = 0
    at: float = 0.0
    era: int = 0


class Tally:
    """One process's counts, a key a shard; used by all threads that talk to the store."""

    def __init__(self) -> None:
        self._process = token_hex(8)
        self._standings: dict[str, _Standing] = {}
        self._lock = threading.Lock()

    def entry(self, beside: str | bytes) -> Entry:
        """Count a batch on the server that holds the key `beside`."""
        key = tally_key(beside, self._process)
        with self._lock:
            standing = self._standings.setdefault(key, _Standing())
            trusted = time.monotonic() - standing.at < _TRUSTED_SECONDS
            confirmed, era = standing.confirmed if trusted else 0, standing.era
        return Entry(Call(scripts.load("tally"), (key,), (LIFE_SECONDS,)), key, confirmed, era)

    def settle(self, entry: Entry, number: int, *, proven: bool) -> int:
        """The batch has this number, and is confirmed if `proven`; how many confirmed ones are gone, at most."""
        with self._lock:
            standing = self._standings[entry.key]
            lost = 0
            if number <= entry.confirmed and entry.era == standing.era:
                lost = entry.confirmed + 1 - number
                standing.era += 1
                standing.confirmed = 0
            if proven:
                standing.confirmed = max(standing.confirmed, number)
                standing.at = time.monotonic()
            return lost
