"""Reads the items of one request after another, for one upstream.

How it works: after so many bytes the loop's other tasks have their turn, callbacks above all. Only one request of an
upstream is read at a time, the one whose turn came first (`upstream_turns`); pictures are fetched beside the next.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import trio

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.format import Item, PushFormat
from gateway.pushes.item import Image
from gateway.pushes.pictures.batch import take_pictures
from gateway.pushes.pictures.gallery import Picture
from gateway.pushes.reader import PicturedItem, PushReader
from queues.push import NewPush
from queues.pushes.request_keys import BoundRequest

# Items are read until they come to this many bytes, each counted with what any item costs. That is about 1 ms of common
# items, 10 ms of wrong ones or of tiny fields.
_READ_AT_ONCE: Final = 65_536
_ANY_ITEM: Final = 512


class BatchReader:
    """`take_picture` keeps a picture until its push is sent; `clock` gives seconds since the epoch."""

    def __init__(
        self,
        reader: PushReader,
        *,
        take_picture: Callable[[Image, float], Awaitable[Picture]],
        clock: Callable[[], float],
    ) -> None:
        self.accounts: Final = reader.accounts
        """The names of the accounts that the upstream may push through."""
        self._reader = reader
        self._take_picture = take_picture
        self._clock = clock
        self._reading = trio.Lock()  # it is fair, so requests are read in the order of their turns

    async def read(
        self, items: Sequence[Item], form: PushFormat, bound: BoundRequest | None
    ) -> list[NewPush | RejectedPushError]:
        """The push in each item, or why it is none: as of now, or of when its request came first (`bound`).

        Raises:
            StoreUnavailableError: a picture may not be on disk.
        """
        now = bound.accepted_at if bound else self._clock()
        async with self._reading:
            read = await self._read(items, form, bound, now)

        def complete(pictured: PicturedItem, picture: Picture) -> NewPush:
            return self._reader.complete(pictured.item, now, pictured.number, digest=picture.digest, link=picture.link)

        return await take_pictures(read, self._take_picture, complete)

    async def _read(
        self, items: Sequence[Item], form: PushFormat, bound: BoundRequest | None, now: float
    ) -> list[NewPush | PicturedItem | RejectedPushError]:
        read: list[NewPush | PicturedItem | RejectedPushError] = []
        cost = 0
        for index, item in enumerate(items):
            cost += _ANY_ITEM + len(item)
            if cost > _READ_AT_ONCE:
                await trio.lowlevel.checkpoint()
                cost = 0
            try:
                read.append(self._reader.read(item, now, form, bound.id_number(index) if bound else 0))
            except RejectedPushError as rejection:
                read.append(rejection)
        return read
