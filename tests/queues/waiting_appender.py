"""Appends events one by one and waits for each; the gateway itself leaves a callback, and has no task that waits."""

from collections.abc import Callable

import trio

from queues.errors import StoreUnavailableError
from queues.event import CallbackEvent
from queues.events.appender import EventAppender

HandIn = Callable[[CallbackEvent, Callable[[bool | StoreUnavailableError], None]], None]


async def handed_in(hand_in: HandIn, event: CallbackEvent) -> bool:
    """What a caller that left an event was told: True if it is new.

    Raises:
        StoreUnavailableError: it may not be on disk.
    """
    told: list[bool | StoreUnavailableError] = []
    answered = trio.Event()

    def tell(answer: bool | StoreUnavailableError) -> None:
        told.append(answer)
        answered.set()

    hand_in(event, tell)
    await answered.wait()
    if isinstance(told[0], StoreUnavailableError):
        raise told[0]
    return told[0]


class WaitingAppender(EventAppender):
    """The real one, for tests."""

    async def append(self, event: CallbackEvent) -> bool:
        """Like `handed_in`."""
        return await handed_in(self.hand_in, event)
