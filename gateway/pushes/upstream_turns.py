"""Turns by upstream: a flood of one waits for itself, and not the others for it.

How it works: of each upstream so many pushes are read and appended at a time, in the order its requests came. So what
somebody else's request finds before it, in the loop and in the batch that is written next, is bounded by the number
of upstreams that are busy and not by how many requests one of them has sent. A thousand is two batches of the usual
size, of which one is read while the other is written; so they are read one after the other (`reading`), for two that
were read by turns would be ready, and written, together, and nothing be read meanwhile.
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
        self.reading: Final = trio.Lock()
        """Whoever reads a request of this upstream holds it; fair, so they are read in the order of their turns."""
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
