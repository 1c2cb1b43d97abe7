"""Callbacks signed before the clock starts, in a file, so that every side is sent the same bytes."""

import itertools
import random
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from loadtests.generators.callback_mix import mixed_callbacks
from loadtests.http_client import parse_target, post
from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Envelope
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT

_LENGTH = struct.Struct(">I")
_TARGET = parse_target(f"http://localhost/callback/{ACCOUNT}")


def signed_callbacks(platform: SimulatorOptions, seed: int, *, repeated: float = 0) -> Iterator[bytes]:
    """Whole requests in the platform's mode. The signatures age as its own do: use them soon.

    `repeated` is the share (0..1) of requests that deliver an earlier event once more, with a nonce of their own; the
    others are all distinct.
    """
    source = random.Random(seed)
    envelope = Envelope(platform.account, random.Random(seed))
    delivered: list[Callback] = []
    fresh = mixed_callbacks(platform.original_id, seed, time.time)
    while True:
        again = bool(repeated and delivered and source.random() < repeated)
        callback = source.choice(delivered) if again else next(fresh)
        if repeated and not again:
            delivered.append(callback)
        delivery = envelope.wrap(callback, time.time())
        yield post(_TARGET, delivery.body, "text/xml", query=delivery.query)


def write_requests(path: Path, requests: Iterable[bytes], count: int) -> None:
    """Write that many, each after its length in four bytes."""
    with path.open("wb") as file:
        for request in itertools.islice(requests, count):
            file.write(_LENGTH.pack(len(request)) + request)


def read_requests(path: Path) -> list[bytes]:
    """All of a file's requests, in order."""
    data = path.read_bytes()
    requests = []
    start = 0
    while start < len(data):
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size + length
        requests.append(data[start - length : start])
    return requests
