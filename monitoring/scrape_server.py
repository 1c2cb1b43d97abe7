"""Answers scrapes and probes in threads: a bounded number of connections, each for a bounded time."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler

from prometheus_client.exposition import ThreadingWSGIServer

MOST_CONNECTIONS: Final = 32
"""Each has a thread. Prometheus and a probe have one each, and few have more than two of them."""

SILENT_SECONDS: Final = 10.0
"""A client that says nothing, or takes nothing, for so long is hung up on."""

LONGEST_SECONDS: Final = 30.0
"""However much it says: a scrape takes a second at most, and Prometheus waits for ten."""

ROOM_SECONDS: Final = 1.0
"""Waited for the thread of a connection that was hung up on, before a new one is turned away."""


class _Quiet(WSGIRequestHandler):
    def setup(self) -> None:
        self.request.settimeout(SILENT_SECONDS)
        super().setup()

    def log_message(self, *_: object) -> None:
        """No line a scrape."""


class ScrapeServer(ThreadingWSGIServer):
    """On a socket that listens already; the library's own way looks the host's name up, which may take long.

    Where there are too many connections the oldest gives way: what has been open for longest is least likely to be a
    scrape.
    """

    def __init__(self, listening: socket.socket, application: Any) -> None:
        address = listening.getsockname()
        super().__init__(address, _Quiet, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = address[:2]
        self.setup_environ()
        self.set_app(application)
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._since: dict[socket.socket, float] = {}  # the oldest first; one thread adds, the others take out

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, if there is room or room can be made."""
        if not self._places.acquire(blocking=False):
            for oldest in list(self._since)[:1]:
                _hang_up(oldest)
            if not self._places.acquire(timeout=ROOM_SECONDS):
                self.shutdown_request(request)
                return
        self._since[request] = time.monotonic()
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the machine has no thread left
            self._leave(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer it, and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave(request)

    def service_actions(self) -> None:
        """Hang up on those that take too long; called between two looks for a new connection."""
        now = time.monotonic()
        for request, since in list(self._since.items()):
            if now - since < LONGEST_SECONDS:
                break
            _hang_up(request)

    def _leave(self, request: socket.socket) -> None:
        del self._since[request]
        self._places.release()

    def handle_error(self, *_: object) -> None:
        """No traceback for a client that is slow or gone."""


def _hang_up(connection: socket.socket) -> None:
    """Its thread finds the connection at its end, and closes it."""
    with suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)
