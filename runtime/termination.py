"""The signals that ask a process to end, as an event."""

import signal

import structlog
import trio

log = structlog.get_logger()


async def drain_on_signal(drain: trio.Event, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Set `drain` at the first SIGTERM, SIGINT or SIGHUP; later ones change nothing: a drain is bounded anyway."""
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        task_status.started()
        async for number in signals:
            log.info("draining", signal=signal.Signals(number).name)
            drain.set()
