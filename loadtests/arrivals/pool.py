"""The connections of a run: as many as deliveries in flight, up to the cap, and their place in one epoll."""

import errno
import os
import resource
import select
import socket
import time
from collections import deque
from typing import Final

from loadtests.arrivals.connection import Connection, connect
from loadtests.arrivals.own_system import Address
from loadtests.arrivals.sources import PER_ADDRESS, SourceAddresses
from loadtests.http_client import NoConnectionError

_SPARE_FILES: Final = 64
_OPENING_SECONDS: Final = 10.0
_OPENING_BLOCK: Final = 256  # connections begun at one time, so that no listener's backlog overflows
_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})
_READ: Final = select.EPOLLIN
_BOTH: Final = select.EPOLLIN | select.EPOLLOUT


class Pool:
    """Idle connections are used in turn, the one idle longest first: none falls silent while others work.

    Bound: `cap` connections, each with one request being written and one answer being read.
    """

    def __init__(self, address: Address, cap: int, *, per_address: int = PER_ADDRESS) -> None:
        """Raises ValueError if this machine or one source address has no room for so many."""
        if not address.has_sources and cap > per_address:
            raise ValueError(f"--in-flight above {per_address:,} needs the source addresses of an IPv4 loopback target")
        _make_room(cap)
        self._where = (address.host, address.port)
        self._ipv6 = address.ipv6
        self._cap = cap
        self._addresses = SourceAddresses(cap, per_address) if address.has_sources else None
        self._idle: deque[Connection] = deque()
        self._by_fd: dict[int, Connection] = {}
        self.epoll = select.epoll()
        self.opened = self.most = 0

    @property
    def sources(self) -> int:
        """How many source addresses are used at the cap."""
        return len(self._addresses) if self._addresses else 1

    @property
    def in_flight(self) -> int:
        return len(self._by_fd) - len(self._idle)

    def open(self, count: int) -> None:
        """Make so many connections before the clock starts. Raises OSError, TimeoutError if they take too long."""
        ends = time.monotonic() + _OPENING_SECONDS
        for begun in range(0, count, _OPENING_BLOCK):
            waiting = {self._connect() for _ in range(min(_OPENING_BLOCK, count - begun))}
            for connection in waiting:
                self.epoll.modify(connection.sock, _BOTH)
            while waiting:
                for fd, _ in self.epoll.poll(max(0, ends - time.monotonic())):
                    connection = self._by_fd[fd]
                    if connection not in waiting:
                        continue  # an idle one that the other side closed: the engine will see it too
                    failure = connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if failure:
                        raise OSError(failure, os.strerror(failure))
                    self.epoll.modify(fd, _READ)
                    waiting.discard(connection)
                    self._idle.append(connection)
                if waiting and time.monotonic() >= ends:
                    raise TimeoutError(errno.ETIMEDOUT, f"{len(waiting)} connections were not made in time")

    def take(self) -> Connection | None:
        """An idle connection, or a new one; None at the cap. Raises NoConnectionError if nobody listens."""
        if self._idle:
            return self._idle.popleft()
        if len(self._by_fd) >= self._cap:
            return None
        try:
            return self._connect()
        except OSError as error:
            if error.errno in _OURS:
                return None  # our own shortage is a cap too: it must not count against the server
            raise NoConnectionError(error.strerror) from error

    def watch_writes(self, connection: Connection, wanted: bool) -> None:
        self.epoll.modify(connection.sock, _BOTH if wanted else _READ)

    def by_fd(self, fd: int) -> Connection:
        return self._by_fd[fd]

    def give_back(self, connection: Connection) -> None:
        """Its delivery has ended; it is idle if the other side keeps it open."""
        if not connection.kept:
            self.drop(connection)
            return
        connection.number = -1
        self._idle.append(connection)

    def drop(self, connection: Connection) -> None:
        """Close it. One that is idle leaves the idle ones, which is rare enough to search for."""
        if connection.number < 0:
            self._idle.remove(connection)
        connection.number = -1
        del self._by_fd[connection.sock.fileno()]
        connection.close()
        if self._addresses and connection.source:
            self._addresses.give_back(connection.source)

    def close(self) -> None:
        for connection in list(self._by_fd.values()):
            connection.close()
        self._by_fd.clear()
        self._idle.clear()
        self.epoll.close()

    def _connect(self) -> Connection:
        source = self._addresses.lease() if self._addresses else ""
        try:
            sock = connect(self._where, ipv6=self._ipv6, source=source)
        except OSError:
            if self._addresses:
                self._addresses.give_back(source)
            raise
        connection = Connection(sock, source)
        self._by_fd[sock.fileno()] = connection
        self.epoll.register(sock, _READ)
        self.opened += 1
        self.most = max(self.most, len(self._by_fd))
        return connection


def _make_room(connections: int) -> None:
    """Raise our limit of open files to what is allowed, if need be. Raises ValueError if that is not enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _SPARE_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ValueError(f"--in-flight {connections:,} needs {wanted:,} open files; the limit is {hard:,} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
