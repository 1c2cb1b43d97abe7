"""Holds the port that the gateways of one machine share."""

import socket

from msgspec import structs

from runtime.addresses import format_address, parse_address
from runtime.errors import CommandError
from runtime.settings import Settings


class SharedPort:
    """A bound socket that never listens: it fixes the number when any port will do, and keeps it ours."""

    def __init__(self, bind: str) -> None:
        """Take `bind`.

        Raises:
            CommandError: Somebody else listens there. Workers cannot notice, since sharing a port is what they do.
        """
        self.bind = bind
        host, port = parse_address(bind)
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as alone:
                alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                alone.bind(address)
            self._socket = socket.socket(family, kind, protocol)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._socket.bind(address)
        except OSError as error:
            raise CommandError(f"server.bind: cannot listen on {bind}: {error.strerror}") from None
        self.host, self.port = self._socket.getsockname()[:2]

    def applied(self, settings: Settings) -> Settings:
        """The settings with the port as it is."""
        return structs.replace(
            settings, server=structs.replace(settings.server, bind=format_address(self.host, self.port))
        )

    def close(self) -> None:
        self._socket.close()
