"""Turns by upstream: a flood of requests from one delays that one, and not the others.

How it works: of each upstream a bounded number of pushes is read and appended at a time, in the order in which its
requests came. So what comes before the request of another, in the loop and in the next batch, depends on how many
upstreams are busy, and not on how many requests one of them has sent. A thousand pushes are two batches of the usual
size: one is read while the other is written. For that, requests must be read one after another (`batch_reader`): two
that were read alternately would be ready at the same time and be written together, with nothing being read meanwhile.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

AT_ONCE: Final = 1_000
"""A request begins while fewer pushes are in work, so a large one may go beyond."""


class UpstreamTurns:
    """The turns of one upstream in one gateway."""

    def __init__(self) -> None:
        self._in_work = 0
        self._waiting = trio.lowlevel.ParkingLot()

    @asynccontextmanager
    async def turn(self, pushes: int) -> AsyncIterator[None]:
        """Wait for this request's turn, and hold it until the end of the block."""
        if self._in_work >= AT_ONCE or self._waiting:
            await self._waiting.park()
        self._in_work += pushes
        self._wake_next()
        try:
            yield
        finally:
            self._in_work -= pushes
            self._wake_next()

    def _wake_next(self) -> None:
        if self._in_work < AT_ONCE:
            self._waiting.unpark()
