"""Only what is ours is loaded: a target off loopback must be claimed in words."""

import socket
from ipaddress import ip_address

from msgspec import Struct

from loadtests.http_client import Target


class NotOwnedError(ValueError):
    """The target is not on loopback, and nobody said that it is theirs."""


class Address(Struct, frozen=True):
    """Where connections go, resolved once: no look-up may stand between an arrival and its time."""

    host: str
    port: int
    ipv6: bool
    loopback: bool

    @property
    def has_sources(self) -> bool:
        """Whether several source addresses are to be had: 127.0.0.0/8 only."""
        return self.loopback and not self.ipv6


def resolve(target: Target, *, owned: bool) -> Address:
    """The target's address. Raises NotOwnedError, and ValueError if the name is unknown."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ValueError(f"--url: {target.host!r} has no address") from error
    family, _, _, _, where = found[0]
    host = str(where[0])
    address = Address(host, target.port, family == socket.AF_INET6, ip_address(host.partition("%")[0]).is_loopback)
    if not address.loopback and not owned:
        raise NotOwnedError(f"--url: {target.host} is not loopback; a system of your own needs --i-own-this-system")
    return address
