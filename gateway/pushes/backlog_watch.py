"""Reads what waits in the store, once a second, for push admission."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from gateway.pushes.admission import PushAdmission
from queues.errors import StoreUnavailableError
from queues.readings.backlog import Backlog

LOOK_SECONDS = 1.0


async def watch_backlog(
    read: Callable[[], Awaitable[Backlog]],
    admission: PushAdmission,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Read until cancelled. A store that does not answer is nothing to say here: its appends tell."""
    task_status.started()
    while True:
        with suppress(StoreUnavailableError):
            admission.observe(await read(), trio.current_time())
        await trio.sleep(LOOK_SECONDS)
