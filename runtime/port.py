"""A port, taken when a process starts, before anybody serves it."""

import errno
import socket

from runtime.configuration.addresses import format_address, parse_address
from runtime.errors import CommandError

_WAYS_OUT = {"server.bind": "; processes of one serve share a port (server.processes), others need one each"}
"""Where somebody else has the port."""


class Port:
    """A bound socket; workers that inherit it share its queue of connections, which outlives any of them.

    It does not listen until `listen` is called, or a worker listens: until somebody accepts, callers should be refused.
    """

    def __init__(self, key: str, bind: str) -> None:
        """Take the address `bind`, which the configuration's `key` gives.

        Raises:
            CommandError: Somebody else listens there, or the address is not one of this machine's.
        """
        self._key = key
        self.bind = bind
        try:
            self.socket = _bound(bind)
        except OSError as error:
            raise self._refused(error) from None

    def url(self, *, tls: bool) -> str:
        """The URL of what is served here, with the port that the kernel chose for port 0."""
        return f"{'https' if tls else 'http'}://{format_address(*self.socket.getsockname()[:2])}"

    def listen(self) -> None:
        """Let callers in; they wait until somebody accepts them.

        Raises:
            CommandError: Somebody else has come to listen there.
        """
        try:
            self.socket.listen()
        except OSError as error:
            raise self._refused(error) from None

    def close(self) -> None:
        self.socket.close()

    def _refused(self, error: OSError) -> CommandError:
        way_out = _WAYS_OUT.get(self._key, "") if error.errno == errno.EADDRINUSE else ""
        return CommandError(f"{self._key}: cannot listen on {self.bind}: {error.strerror}{way_out}")


def _bound(bind: str) -> socket.socket:
    host, port = parse_address(bind)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
