"""Tells connections whose deadline has passed.

One task for all connections, because a cancel scope for each wait, or moving the deadline of one, costs 4 to 9 µs a
request (measured on trio 0.35) and this costs one attribute. The price is that a deadline is met up to a tick late.
"""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

import trio

TICK_SECONDS: Final = 0.25


class Timed(Protocol):
    """Something that waits until `deadline` (trio's clock) at most."""

    @property
    def deadline(self) -> float: ...

    def on_time(self, now: float) -> None:
        """The deadline has passed."""


async def keep_time(timed: Iterable[Timed], after_tick: Callable[[], None]) -> None:
    """Call `on_time` of whatever is past its deadline, and after each tick `after_tick`, until cancelled.

    `timed` may change between the ticks, and while `on_time` is called.
    """
    while True:
        await trio.sleep(TICK_SECONDS)
        now = trio.current_time()
        for one in [one for one in timed if one.deadline <= now]:
            one.on_time(now)
        after_tick()
