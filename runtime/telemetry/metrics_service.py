"""`/metrics` of a machine or of one process; imported after the process has taken its slot."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
import trio

from monitoring.exporter import export_metrics, merged_registry, own_registry
from queues.account import Account
from runtime.configuration.addresses import format_address, parse_address
from runtime.configuration.settings import Settings
from runtime.errors import CommandError
from runtime.telemetry.store_gauges import StoreGauges

log = structlog.get_logger()

ShowAccounts = Callable[[Sequence[Account]], None]


async def serve_metrics(
    settings: Settings,
    directory: Path | None,
    *,
    task_status: trio.TaskStatus[ShowAccounts] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Export until cancelled: all processes with a slot in `directory`, or this one. An empty `metrics.bind`: nothing.

    Started with the function that takes other accounts, when the configuration is read again.

    Raises:
        CommandError: The address cannot be listened on.
    """
    bind = settings.metrics.bind
    if not bind:
        task_status.started(lambda _: None)
        return
    host, port = parse_address(bind)
    gauges = StoreGauges(settings.accounts, settings.store)
    registry = own_registry(gauges.read) if directory is None else merged_registry(directory, gauges.read)
    async with trio.open_nursery() as nursery:
        try:
            host, port = await nursery.start(export_metrics, host, port, registry)
        except OSError as error:
            raise CommandError(f"metrics.bind: cannot listen on {bind}: {error.strerror}") from None
        address = format_address(host, port)
        log.info("metrics are exported", bind=address)
        task_status.started(gauges.show)
        await gauges.run(f"{socket.gethostname()} {address}")
