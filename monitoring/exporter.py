"""`GET /metrics`, for one process or for all of this machine together; `GET /livez`, for probes of a process alone."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import trio
from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app

from monitoring.gauges import Reading, ReadingsCollector
from monitoring.scrape_server import ScrapeServer
from monitoring.slot_reader import SlotsCollector

PULSE_SECONDS: Final = 1.0
STALLED_SECONDS: Final = 10.0
"""A loop that has not turned for so long does no work either."""

_LOOK_SECONDS: Final = 0.1
"""Between its looks whether it is to end, hence how long that takes at most."""


class _Pulse:
    """When the loop last turned, for threads that cannot ask it."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    async def beat(self) -> None:
        while True:
            self._last = time.monotonic()
            await trio.sleep(PULSE_SECONDS)

    def stalled_seconds(self) -> float:
        return time.monotonic() - self._last


def merged_registry(directory: Path, read: Callable[[], Iterable[Reading]]) -> CollectorRegistry:
    """The metrics of every process that has a slot in `directory`, and the gauges of `read`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SlotsCollector(directory))
    registry.register(ReadingsCollector(read))
    return registry


def own_registry(read: Callable[[], Iterable[Reading]]) -> CollectorRegistry:
    """The metrics of this process alone, and the gauges of `read`."""
    REGISTRY.register(ReadingsCollector(read))
    return REGISTRY


async def export_metrics(
    listening: socket.socket,
    registry: CollectorRegistry,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer who connects to `listening`, in a thread, until cancelled; started once it does. Closes the socket.

    A thread, so that a scrape never stands in the way of a request.
    """
    pulse = _Pulse()
    server = ScrapeServer(listening, _application(registry, pulse))
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), name="metrics", daemon=True)
    thread.start()
    try:
        task_status.started()
        await pulse.beat()
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(server.shutdown)
            server.server_close()
            await trio.to_thread.run_sync(thread.join)


def _application(registry: CollectorRegistry, pulse: _Pulse) -> Any:
    scrape = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/livez":
            return scrape(environ, start_response)
        stalled = pulse.stalled_seconds() > STALLED_SECONDS
        start_response(
            "503 Service Unavailable" if stalled else "200 OK", [("Content-Type", "text/plain; charset=utf-8")]
        )
        return [b"stalled" if stalled else b"live"]

    return answer
