"""Listens, accepts, and drains: the lifetime of every connection of one gateway process.

How it works. Two nurseries, one in the other: the outer holds the poller and the timekeeper, the inner the accept loop.
A drain cancels accepting first, takes what the kernel had already accepted for us, closes the port, and then gives the
connections `drain_seconds` to end by themselves. Several processes share the port: either all accept from
one socket that they were given (`serve` holds it, so its queue outlives any of them), or each opens its own
(`SO_REUSEPORT`) and the kernel hands each its own connections.
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

_ACCEPTS_A_TURN: Final = 64  # then the connections accepted before get their turn
_SHARED_ACCEPTS_A_TURN: Final = 8  # and the other processes theirs, or the first to wake would take the whole burst
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
    outbox: Outbox,
    shared: socket.socket | None = None,
    wall_clock: Callable[[], float] = time.time,
    task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve HTTP/1.1 until `drain` is set and what was in flight is answered (≤ `drain_seconds`).

    It accepts from `shared`, a bound socket that other processes may accept from too, or else on `settings.bind`.
    `task_status.started((host, port))` is called once connections are accepted. `wall_clock` gives seconds since 1970,
    for the Date header.

    Raises:
        ValueError: `settings.bind` is not `host:port`.
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
    backlog = settings.backlog
    tls = make_context(settings.tls) if settings.tls else None
    with _listening(shared, backlog) if shared else await open_listener(settings.bind, backlog) as listener:
        async with trio.open_nursery() as serving:
            poller = Poller(service)
            serving.start_soon(poller.run)
            serving.start_soon(service.refusals.run)
            serving.start_soon(keep_time, poller.connections, outbox.flush)
            acceptor = Acceptor(
                listener,
                poller,
                max_connections=settings.max_connections,
                backlog=backlog,
                tls=tls,
                accepts_a_turn=_SHARED_ACCEPTS_A_TURN if shared else _ACCEPTS_A_TURN,
            )
            async with trio.open_nursery() as accepting:
                accepting.start_soon(acceptor.run)
                host, port = listener.getsockname()[:2]
                task_status.started((host, port))
                await drain.wait()
                accepting.cancel_scope.cancel()
            acceptor.accept_waiting()
            listener.close()
            with trio.move_on_after(settings.drain_seconds):
                await poller.drain()
            serving.cancel_scope.cancel()


def parse_bind(bind: str) -> tuple[str, int]:
    """Split `host:port` or `[ipv6]:port`; raise ValueError with the rule that is broken."""
    host, colon, port = bind.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("an IPv6 address stands in brackets, as in [::1]:8080")
    if not colon or not host:
        raise ValueError("an address to listen on is host:port, as in 127.0.0.1:8080")
    if not (port.isascii() and port.isdigit() and int(port) <= 65_535):  # noqa: PLR2004  # the largest port there is
        raise ValueError("a port is a number from 0 to 65535")
    return host, int(port)


async def open_listener(bind: str, backlog: int) -> socket.socket:
    """A listening, non-blocking socket on `host:port`; several processes may open the same one."""
    host, port = parse_bind(bind)
    found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        return _listening(listener, backlog)
    except BaseException:
        listener.close()
        raise


def _listening(bound: socket.socket, backlog: int) -> socket.socket:
    # Accepted sockets inherit it (tcp(7)); without it a second small answer waits for the first one's ACK.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound.setblocking(False)
    bound.listen(backlog)  # on a socket that listens already, this only sets the backlog
    return bound


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
        accepts_a_turn: int = _ACCEPTS_A_TURN,
    ) -> None:
        self._listener = listener
        self._backlog = backlog
        self._tls = tls
        self._poller = poller
        self._max_connections = max_connections
        self._accepts_a_turn = accepts_a_turn

    async def run(self) -> None:
        """Accept until cancelled."""
        exhausted = False
        while True:
            await trio.lowlevel.wait_readable(self._listener)
            try:
                self._accept_some(self._accepts_a_turn)
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
