"""Listens, accepts, and drains: the lifetime of every connection of one gateway process."""

import trio

from gateway.messages import BodyLimit, Handler
from gateway.settings import ServerSettings


async def serve_http(
    handler: Handler,
    body_limit: BodyLimit,
    settings: ServerSettings,
    drain: trio.Event,
    *,
    task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve HTTP/1.1 on `settings.bind` until `drain` is set and what was in flight is answered (≤ `drain_seconds`)."""
    raise NotImplementedError
