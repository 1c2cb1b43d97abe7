"""`/metrics` of a machine or of one process; imported after the process has taken its slot."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
import trio

from monitoring.exporter import export_metrics, merged_registry, own_registry
from queues.account import Account
from runtime.configuration.addresses import format_address
from runtime.configuration.settings import Settings
from runtime.telemetry.store_gauges import StoreGauges

log = structlog.get_logger()

ShowAccounts = Callable[[Sequence[Account]], None]


async def serve_metrics(
    settings: Settings,
    directory: Path | None,
    listening: socket.socket,
    *,
    task_status: trio.TaskStatus[ShowAccounts] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Export until cancelled: all processes with a slot in `directory`, or this one.

    Started with the function that takes other accounts, when the configuration is read again.
    """
    gauges = StoreGauges(settings.accounts, settings.store)
    registry = own_registry(gauges.read) if directory is None else merged_registry(directory, gauges.read)
    async with trio.open_nursery() as nursery:
        await nursery.start(export_metrics, listening, registry)
        address = format_address(*listening.getsockname()[:2])
        log.info("metrics are exported", bind=address)
        task_status.started(gauges.show)
        await gauges.run(f"{socket.gethostname()} {address}")
