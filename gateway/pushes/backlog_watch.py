"""Reads what waits in the store, once a second, for push admission."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import trio

from gateway.pushes.admission import PushAdmission
from queues.errors import StoreUnavailableError
from queues.readings.backlog import Backlog

LOOK_SECONDS = 1.0


async def watch_backlog(read: Callable[[], Awaitable[Backlog]], admission: PushAdmission) -> NoReturn:
    """Read until cancelled. A store that does not answer is not reported here: the appends to it do that."""
    while True:
        with suppress(StoreUnavailableError):
            admission.observe(await read(), trio.current_time())
        await trio.sleep(LOOK_SECONDS)
