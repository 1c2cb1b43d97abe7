"""Waiting for what tells nobody when it happens; the caller bounds the wait."""

from collections.abc import Callable

import trio

_SECONDS = 0.005


async def until(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds, asked every few milliseconds."""
    while not condition():  # noqa: ASYNC110  nobody sets an event
        await trio.sleep(_SECONDS)
