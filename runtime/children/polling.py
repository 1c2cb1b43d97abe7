"""Waits for conditions that no event reports; the caller sets the time limit."""

from collections.abc import Callable

import trio

_SECONDS = 0.005


async def until(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds; it is called every few milliseconds."""
    while not condition():  # noqa: ASYNC110  there is no event for it
        await trio.sleep(_SECONDS)
