"""Callbacks on their way to delivery: receipts that are not due yet, and disorder on purpose.

The platform promises no order (§1.4). A share of callbacks is held back for a random time, so that later ones overtake.
"""

import random
from functools import partial

import trio

from loadtests.platform.callbacks import Callback
from loadtests.platform.delay_line import DelayLine
from loadtests.platform.delivery import Deliverer


class Outbox:
    """One account's callbacks before its deliverer takes them; times in seconds."""

    def __init__(
        self, delays: DelayLine, deliverer: Deliverer, *, disorder_share: float, disorder_seconds: float, seed: int
    ) -> None:
        self.deliverer = deliverer
        self.receipts_due = 0
        self._delays = delays
        self._share = disorder_share
        self._seconds = disorder_seconds
        self._random = random.Random(seed)

    def emit(self, delay: float, callback: Callback) -> None:
        """Offer a callback after `delay`, or later where it is one of those held back."""
        if self._share and self._random.random() < self._share:
            delay += self._random.random() * self._seconds
        if delay <= 0:
            self.deliverer.offer(callback)
            return
        self.receipts_due += 1
        self._delays.call_at(trio.current_time() + delay, partial(self._due, callback))

    def _due(self, callback: Callback) -> None:
        self.receipts_due -= 1
        self.deliverer.offer(callback)
