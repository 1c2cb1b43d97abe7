"""Whole requests, signed before the clock starts: signing one costs half as much as sending it.

Bound: arrivals x (request + callback) bytes. A callback of 270 bytes of XML is held as its request (490) and as the
callback that the ledger and a repeat need (600), with two list slots; measured 1.2 KB, so `MAX_ARRIVALS` take 600 MB.
"""

import random
from collections.abc import Sequence

from loadtests.arrivals.options import ArrivalOptions
from loadtests.generators.callback_mix import mixed_callbacks
from loadtests.http_client import Target, post
from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Envelope
from loadtests.platform.reply_check import accepts


class Payloads:
    """The callbacks of a run by number, and their first deliveries' bytes.

    Each is created and signed as of the time at which it is due, if the clock started at `wall` (seconds since the
    epoch). It starts later by as long as signing takes, some seconds of the ten minutes a signature is good for.
    """

    def __init__(self, options: ArrivalOptions, target: Target, due: Sequence[float], wall: float) -> None:
        """Raises ValueError if the mode encrypts and the key is not an EncodingAESKey."""
        self._target = target
        self._envelope = Envelope(options.account, random.Random(options.seed))
        self._now = wall
        self.callbacks: list[Callback] = []
        self.requests: list[bytes] = []
        drawn = mixed_callbacks(options.account.original_id, options.seed, self._clock)
        for offset in due:
            self._now = wall + offset
            callback = next(drawn)
            self.callbacks.append(callback)
            self.requests.append(self._request(callback, self._now))

    def repeat(self, number: int, now: float) -> bytes:
        """Another delivery of the same callback, signed anew as of `now` (seconds since the epoch)."""
        return self._request(self.callbacks[number], now)

    def accepts(self, number: int, status: int, body: bytes) -> bool:
        """Whether that answer ends the matter for the platform."""
        return accepts(status, body, callback=self.callbacks[number], envelope=self._envelope)

    def _clock(self) -> float:
        return self._now

    def _request(self, callback: Callback, now: float) -> bytes:
        delivery = self._envelope.wrap(callback, now)
        return post(self._target, delivery.body, "text/xml", query=delivery.query)
