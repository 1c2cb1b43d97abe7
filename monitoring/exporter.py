"""`GET /metrics`, for one process or for all of this machine together; `GET /livez`, for probes of a process alone."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler

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


_LOOK_SECONDS: Final = 0.1
"""Between its looks whether it is to end, hence how long that takes at most."""


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
    listening: socket.socket,
    registry: CollectorRegistry,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer who connects to `listening`, in a thread, until cancelled; started once it does. Closes the socket.

    A thread, so that a scrape never stands in the way of a request.
    """
    pulse = _Pulse()
    server = _Server(listening, _application(registry, pulse))
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


class _Server(ThreadingWSGIServer):
    """On a socket that listens already; the library's own way looks the host's name up, which may take long."""

    def __init__(self, listening: socket.socket, application: Any) -> None:
        address = listening.getsockname()
        super().__init__(address, _Quiet, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = address[:2]
        self.setup_environ()
        self.set_app(application)

    def handle_error(self, *_: object) -> None:
        """No traceback for a client that is slow or gone."""
