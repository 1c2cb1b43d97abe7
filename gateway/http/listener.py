"""Listens, accepts, and drains: the lifetime of every connection of one gateway process.

How it works. Two nurseries, one in the other: the outer holds the poller and the timekeeper, the inner the accept loop.
A drain cancels accepting first, takes what the kernel had already accepted for us, closes the port, and then gives the
connections `drain_seconds` to end by themselves. Several processes may accept from one socket that they were given:
`serve` holds it, so its queue outlives any of them.
"""

import errno
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

import structlog
import trio

from gateway.http.messages import BodyLimit, Handler
from gateway.http.outbox import Outbox
from gateway.http.poller import Poller
from gateway.http.refusal_log import RefusalLog
from gateway.http.response_encoder import ResponseEncoder
from gateway.http.service import Service, Timings
from gateway.http.timekeeper import keep_time
from gateway.http.tls import TlsSocket, make_context
from gateway.settings import ServerSettings
from monitoring.names import CONNECTIONS_REFUSED

# Then the connections accepted before get their turn, and the other processes theirs, or the first to wake would take
# a whole burst.
_ACCEPTS_A_TURN: Final = 8
_PAUSE_SECONDS: Final = 0.1  # when accepting fails for want of descriptors or memory: until some are given back

_EXHAUSTED: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
# Errors of the one connection being accepted, not of the port (accept(2), "Error handling").
_ABORTED: Final = frozenset(
    (
        errno.ECONNABORTED,
        errno.EINTR,
        errno.EPERM,
        errno.EPROTO,
        errno.ENETDOWN,
        errno.ENOPROTOOPT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EOPNOTSUPP,
        errno.ENETUNREACH,
    )
)

log = structlog.get_logger()


async def serve_http(
    handler: Handler,
    body_limit: BodyLimit,
    settings: ServerSettings,
    drain: trio.Event,
    *,
    listener: socket.socket,
    outbox: Outbox,
    wall_clock: Callable[[], float] = time.time,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve HTTP/1.1 until `drain` is set and what was in flight is answered (≤ `drain_seconds`).

    It accepts from `listener`, a bound socket that other processes may accept from too, and closes it. Started once
    connections are accepted. `wall_clock` gives seconds since 1970, for the Date header.

    Raises:
        OSError: the address cannot be listened on, or TLS cannot be had with the files of `settings.tls`.
    """
    service = Service(
        handler=handler,
        body_limit=body_limit,
        encoder=ResponseEncoder(wall_clock),
        timings=Timings(request_seconds=settings.request_seconds),
        outbox=outbox,
        refusals=RefusalLog("request refused", "result"),
    )
    with listener:
        _listen(listener, settings.backlog)
        async with trio.open_nursery() as serving:
            poller = Poller(service)
            serving.start_soon(poller.run)
            serving.start_soon(service.refusals.run)
            serving.start_soon(keep_time, poller.connections, outbox.flush)
            acceptor = Acceptor(
                listener,
                poller,
                max_connections=settings.max_connections,
                backlog=settings.backlog,
                tls=make_context(settings.tls) if settings.tls else None,
            )
            async with trio.open_nursery() as accepting:
                accepting.start_soon(acceptor.run)
                task_status.started()
                await drain.wait()
                accepting.cancel_scope.cancel()
            acceptor.accept_waiting()
            listener.close()
            with trio.move_on_after(settings.drain_seconds):
                await poller.drain()
            serving.cancel_scope.cancel()


def _listen(listener: socket.socket, backlog: int) -> None:
    # Accepted sockets inherit it (tcp(7)); without it a second small answer waits for the first one's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    listener.listen(backlog)  # on a socket that listens already, this only sets the backlog


class Acceptor:
    """Accepts on `listener` for `poller`, as long as it has fewer than `max_connections`."""

    def __init__(
        self,
        listener: socket.socket,
        poller: Poller,
        *,
        max_connections: int,
        backlog: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = listener
        self._backlog = backlog
        self._tls = tls
        self._poller = poller
        self._max_connections = max_connections

    async def run(self) -> None:
        """Accept until cancelled."""
        exhausted = False
        while True:
            await trio.lowlevel.wait_readable(self._listener)
            try:
                self._accept_some(_ACCEPTS_A_TURN)
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                if not exhausted:  # a line a change, not one a try
                    log.warning("cannot accept for now", error=error.strerror, open=len(self._poller.connections))
                exhausted = True
                await trio.sleep(_PAUSE_SECONDS)
            else:
                if exhausted:
                    log.info("accepting again", open=len(self._poller.connections))
                exhausted = False

    def accept_waiting(self) -> None:
        """Accept what the kernel has completed: closing the port would reset it."""
        try:
            self._accept_some(self._backlog)
        except OSError as error:
            log.warning("connections lost at the end", error=error.strerror)

    def _accept_some(self, count: int) -> None:
        for _ in range(count):
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _ABORTED:
                    continue
                raise
            self._admit(sock)

    def _admit(self, sock: socket.socket) -> None:
        if len(self._poller.connections) >= self._max_connections:
            CONNECTIONS_REFUSED.labels("max_connections").inc()
            sock.close()
            return
        sock.setblocking(False)
        if self._tls is None:
            self._poller.adopt(sock)
            return
        try:
            self._poller.adopt(TlsSocket(sock, self._tls))
        except OSError:  # gone before its first word
            sock.close()
