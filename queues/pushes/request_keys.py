"""Idempotency keys of whole requests: the same request again is the same pushes again.

How it works: the first request with a key binds it, on disk, to its fingerprint and its time, before any of its pushes
is appended. A repeat, through whichever gateway, reads its items as of that time and makes the same ids of them, and
creating a push under an id that exists changes nothing. So no results need to be kept, and a repeat after a crash
completes what is missing.
"""

import struct
from hashlib import blake2b

from msgspec import Struct

from queues import scripts
from queues.ids import NUMBER_BITS
from queues.keys import IDEMPOTENCY_WINDOW_SECONDS
from queues.store import Store

FINGERPRINT_BYTES = 16
_POSITION_BITS = 20  # of an id's number; the others stand for the request
_BOUND = struct.Struct(f"!d{FINGERPRINT_BYTES}sQ")


class RequestKey(Struct, frozen=True):
    """A key as an upstream sent it, and a digest of the request that it came with."""

    upstream: str
    key: str
    fingerprint: bytes


class BoundRequest(Struct, frozen=True):
    """The first request with a key. `accepted_at` is in seconds since the epoch."""

    accepted_at: float
    fingerprint: bytes
    number: int

    def id_number(self, position: int) -> int:
        """What the id of the push at this position of the request is made of, from 0."""
        return (self.number << _POSITION_BITS) | position


async def bind_request(store: Store, request: RequestKey, now: float) -> BoundRequest:
    """Bind a key to a request, unless it is bound; what it is bound to now, which may be another request.

    Raises:
        StoreUnavailableError: it may or may not be bound; repeating is safe.
    """
    digest = _digest(request.upstream, request.key)
    number = int.from_bytes(blake2b(digest + request.fingerprint, digest_size=8).digest())
    number >>= 64 - (NUMBER_BITS - _POSITION_BITS)
    proposed = _BOUND.pack(now, request.fingerprint, number or 1)
    keys = store.keys[digest[0] % store.shards].idempotency
    call = scripts.Call(scripts.load("reserve_ids"), keys, (IDEMPOTENCY_WINDOW_SECONDS, digest, proposed))
    [[bound]] = await store.commit("bind_request", [call])
    return BoundRequest(*_BOUND.unpack(bound))


def _digest(upstream: str, key: str) -> bytes:
    """Apart from the digests of items' keys, whatever those hold."""
    return blake2b(f"{upstream}\0{key}".encode(), digest_size=16, person=b"request").digest()
