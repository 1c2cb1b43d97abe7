"""`GET /metrics`, for one process or for all of this machine together."""

from collections.abc import Callable, Iterable
from pathlib import Path

import trio
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from monitoring.gauges import Reading, ReadingsCollector


def merged_registry(directory: Path, read: Callable[[], Iterable[Reading]]) -> CollectorRegistry:
    """The metrics of every process that has a slot in `directory`, and the gauges of `read`."""
    registry = CollectorRegistry(auto_describe=False)
    MultiProcessCollector(registry, str(directory))  # type: ignore[no-untyped-call]
    registry.register(ReadingsCollector(read))
    return registry


def own_registry(read: Callable[[], Iterable[Reading]]) -> CollectorRegistry:
    """The metrics of this process alone, and the gauges of `read`."""
    REGISTRY.register(ReadingsCollector(read))
    return REGISTRY


async def export_metrics(
    host: str,
    port: int,
    registry: CollectorRegistry,
    *,
    task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer scrapes in a thread until cancelled; started with the host and port once it does.

    A thread, so that a scrape never stands in the way of a request.

    Raises:
        OSError: The address cannot be listened on.
    """
    # In a thread from the beginning: the library looks its own host's name up, which may take a resolver's timeout.
    server, thread = await trio.to_thread.run_sync(start_http_server, port, host, registry)
    try:
        address = server.server_address
        task_status.started((str(address[0]), int(address[1])))
        await trio.sleep_forever()
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(server.shutdown)
            server.server_close()
            await trio.to_thread.run_sync(thread.join)
