"""`GET /metrics`, for one process or for all of this machine together; `GET /livez`, for probes of a process alone."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, make_server

import trio
from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from monitoring.gauges import Reading, ReadingsCollector
from monitoring.slot_reader import SlotsCollector

PULSE_SECONDS: Final = 1.0
STALLED_SECONDS: Final = 10.0
"""A loop that has not turned for so long does no work either."""

SILENT_SECONDS: Final = 10.0
"""A connection has a thread: one whose client says nothing, or takes nothing, is closed."""


class _Quiet(WSGIRequestHandler):
    def setup(self) -> None:
        self.request.settimeout(SILENT_SECONDS)
        super().setup()

    def log_message(self, *_: object) -> None:
        """No line a scrape."""


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
    pulse = _Pulse()
    # In a thread from the beginning: the library looks its own host's name up, which may take a resolver's timeout.
    server = await trio.to_thread.run_sync(_listen, host, port, _application(registry, pulse))
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        address = server.server_address
        task_status.started((str(address[0]), int(address[1])))
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


def _listen(host: str, port: int, application: Any) -> ThreadingWSGIServer:
    class Server(ThreadingWSGIServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, *_: object) -> None:
            """No traceback for a client that is slow or gone."""

    return make_server(host, port, application, Server, _Quiet)
