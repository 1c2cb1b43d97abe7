"""Push ids: the shard in hex, a dash, and a ULID, so that a look-up goes straight to its shard."""

import secrets
import time
from zlib import crc32

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32, as ULID has it
_LETTERS = frozenset(_ALPHABET)
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)  # ten bits at a time
_SHARDS = {f"{shard:x}": shard for shard in range(256)}
_ULID_LENGTH = 26
NUMBER_BITS = 80
_TIME_LENGTH = 10
_COUNTED_LETTERS = 4  # 20 bits of an id's number count within a batch


def shard_for(account: str, recipient: str, shards: int) -> int:
    """The shard of everything that concerns one recipient of one account, which keeps its order."""
    return crc32(f"{account}\0{recipient}".encode()) % shards


def make_id(shard: int, now: float, number: int) -> str:
    """The push id of that time and number (80 bits): the same ones make the same id."""
    whole = (int(now * 1000) << NUMBER_BITS) | number
    pairs = [_PAIRS[(whole >> shift) & 0x3FF] for shift in range(120, -1, -10)]
    return f"{shard:x}-{''.join(pairs)}"


class IdSeries:
    """Fresh ids for one batch: one time and one random number, counted on, as ULID's monotonic form has it.

    A quarter of what drawing each id costs.
    """

    __slots__ = ("_shared",)

    def __init__(self, *, now: float | None = None) -> None:
        whole = make_id(0, time.time() if now is None else now, secrets.randbits(NUMBER_BITS))
        self._shared = whole[2:-_COUNTED_LETTERS]

    def id(self, shard: int, position: int) -> str:
        """The id of the push at this position of the batch, below 2^20."""
        return f"{shard:x}-{self._shared}{_PAIRS[position >> 10]}{_PAIRS[position & 0x3FF]}"


def shard_of_id(push_id: str) -> int:
    """The shard a push id names.

    Raises:
        ValueError: it is not a push id.
    """
    shard, dash, ulid = push_id.partition("-")
    if shard not in _SHARDS or not dash or len(ulid) != _ULID_LENGTH or not _LETTERS.issuperset(ulid):
        raise ValueError("not a push id")
    return _SHARDS[shard]


def accepted_seconds(push_id: str) -> float:
    """When a push id was made, in seconds since the epoch."""
    number = 0
    for letter in push_id.partition("-")[2][:_TIME_LENGTH]:
        number = number * 32 + _ALPHABET.index(letter)
    return number / 1000
