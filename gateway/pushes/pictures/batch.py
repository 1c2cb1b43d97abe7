"""Takes in the pictures of one request's pushes, several at once."""

from collections.abc import Awaitable, Callable, Sequence

import trio

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import Image
from gateway.pushes.pictures.gallery import MOST, Picture
from gateway.pushes.reader import PicturedItem
from queues.push import NewPush

Take = Callable[[Image, float], Awaitable[Picture]]
Complete = Callable[[PicturedItem, Picture], NewPush]
Read = NewPush | RejectedPushError


async def take_pictures(read: Sequence[Read | PicturedItem], take: Take, complete: Complete) -> list[Read]:
    """What was read, with each pictured item made into its push, or into why it cannot be one.

    Raises:
        StoreUnavailableError: a picture may not be on disk.
    """
    done: list[Read | None] = [None if isinstance(each, PicturedItem) else each for each in read]
    failures: list[Exception] = []

    async def take_one(position: int, item: PicturedItem) -> None:
        try:
            done[position] = complete(item, await take(item.image, item.send_at))
        except RejectedPushError as rejection:
            done[position] = rejection
        except Exception as error:  # noqa: BLE001 - handed on below, out of the nursery's exception group
            failures.append(error)

    pictured = [(position, each) for position, each in enumerate(read) if isinstance(each, PicturedItem)]
    async with trio.open_nursery() as nursery:
        for position, each in pictured[:MOST]:
            nursery.start_soon(take_one, position, each)
    for position, _ in pictured[MOST:]:
        done[position] = RejectedPushError(".image", f"at most {MOST} pictures a request: split it")
    if failures:
        raise failures[0]
    return [each for each in done if each is not None]
