"""Waiting for what tells nobody when it happens; the caller bounds the wait."""

import inspect
from collections.abc import Awaitable, Callable

import trio

_SECONDS = 0.005


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once `condition` holds, asked every few milliseconds."""
    while True:
        holds = condition()
        if inspect.isawaitable(holds):
            holds = await holds
        if holds:
            return
        await trio.sleep(_SECONDS)
