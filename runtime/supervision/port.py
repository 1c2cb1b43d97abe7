"""The ports of one machine: that they are free, and the one that its gateways share."""

import socket

from msgspec import structs

from runtime.configuration.addresses import format_address, parse_address
from runtime.configuration.settings import Settings
from runtime.errors import CommandError


class SharedPort:
    """A bound socket that all gateways inherit, so that it and its queue of connections outlive any of them.

    It listens from the first gateway's start on: before that, callers had better be refused.
    """

    def __init__(self, bind: str) -> None:
        """Take `bind`.

        Raises:
            CommandError: Somebody else listens there, or the address is not one of this machine's.
        """
        self.bind = bind
        self.socket = _bound("server.bind", bind)
        self.host, self.port = self.socket.getsockname()[:2]

    def applied(self, settings: Settings) -> Settings:
        """The settings with the port as it is."""
        return structs.replace(
            settings, server=structs.replace(settings.server, bind=format_address(self.host, self.port))
        )

    def close(self) -> None:
        self.socket.close()


def require_free(key: str, bind: str) -> None:
    """Make sure that nobody listens on the address `bind`, which the configuration's `key` gives.

    Raises:
        CommandError: Somebody does, or the address is not one of this machine's.
    """
    _bound(key, bind).close()


def _bound(key: str, bind: str) -> socket.socket:
    host, port = parse_address(bind)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise CommandError(f"{key}: cannot listen on {bind}: {error.strerror}") from None
    return bound
