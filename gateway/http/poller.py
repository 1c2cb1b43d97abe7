"""Polls the sockets of all connections of a process, in one task.

How it works. The connections have an epoll set of their own, and trio waits for that set as for one socket. A turn
takes what is ready, lets each connection read and hand over its requests, and sends what was answered at once. So a
callback costs no task, no wake-up, no timer, and no change of the epoll set: a connection is registered when it
comes, edge-triggered, and unregistered when it goes.
"""

import select
from collections.abc import Collection
from contextlib import suppress
from typing import Final

import trio

from gateway.http.channel import Channel
from gateway.http.connection import Connection
from gateway.http.service import Service
from monitoring.names import CONNECTIONS

_READY_A_TURN: Final = 128  # then the other tasks of the process get theirs: the appender, above all
_EVENTS: Final = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_HUNG_UP: Final = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR


class Poller:
    """Holds the open connections; `run` must be running."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._outbox = service.outbox
        self._epoll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._again: list[Connection] = []
        self._emptied = trio.Event()
        self._outbox.on_rest = self._wake

    @property
    def connections(self) -> Collection[Connection]:
        """The open ones."""
        return self._connections.values()

    def adopt(self, sock: Channel) -> None:
        """Serve an accepted, non-blocking socket until it is closed."""
        connection = Connection(sock, self._service, self, trio.current_time())
        fd = sock.fileno()
        self._connections[fd] = connection
        self._epoll.register(fd, _EVENTS)
        CONNECTIONS.inc()

    async def run(self) -> None:
        """Poll until cancelled; whatever is open then is closed."""
        try:
            while True:
                await self._ready()
                self._turn()
        finally:
            for connection in list(self._connections.values()):
                connection.close()
            self._epoll.close()

    async def drain(self) -> None:
        """Let every connection finish what it has begun; wait until the last one is closed."""
        now = trio.current_time()
        for connection in list(self._connections.values()):
            connection.drain(now)
        while self._connections:
            self._emptied = trio.Event()
            await self._emptied.wait()

    def read_again(self, connection: Connection) -> None:
        self._again.append(connection)
        self._wake()  # if it was not a turn of ours that led here

    def forget(self, connection: Connection) -> None:
        fd = connection.fileno()
        self._epoll.unregister(fd)
        del self._connections[fd]
        CONNECTIONS.dec()
        if not self._connections:
            self._emptied.set()

    async def _ready(self) -> None:
        if self._again or self._outbox:
            await trio.lowlevel.checkpoint()
            return
        with suppress(trio.ClosedResourceError):  # which `_wake` raises
            await trio.lowlevel.wait_readable(self._epoll.fileno())

    def _wake(self) -> None:
        """There is something to do, and no socket to say so."""
        trio.lowlevel.notify_closing(self._epoll.fileno())

    def _turn(self) -> None:
        now = trio.current_time()
        again, self._again = self._again, []
        for connection in again:
            connection.on_ready(now)
        connections = self._connections
        for fd, events in self._epoll.poll(0, _READY_A_TURN):
            # One that this turn has closed is gone; its number is not given anew before the next turn.
            if (ready := connections.get(fd)) is not None:
                ready.on_ready(now, hung_up=bool(events & _HUNG_UP))
        self._outbox.flush()
