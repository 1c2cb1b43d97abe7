"""Makes the clients of a store from its address, all with the same bounds, and none that waits or repeats unseen."""

from typing import Any

from redis import Redis, Sentinel
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from queues.connection.address import StoreAddress, read_address
from queues.connection.cluster import Cluster
from queues.connection.hotline import MOST
from queues.connection.servers import OneServer, Servers

# Below the 5 s that the platform waits, so that a frozen store still leaves time to answer 503.
SOCKET_SECONDS = 3.0
CONNECT_SECONDS = 1.0
ASK_SECONDS = 0.5  # who is the primary, who holds what: there are others to ask
THREADS = 16

_QUICK: dict[str, Any] = {
    "socket_timeout": ASK_SECONDS,
    "socket_connect_timeout": ASK_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}


def open_servers(url: str) -> Servers:
    """Everything to reach the store with; nothing is connected yet.

    Raises:
        ValueError: it is no address that a store can be at.
    """
    address = read_address(url)
    if address is None:
        return OneServer(connect(url))
    if address.kind == "sentinel":
        return OneServer(_primary(address), fails_over=True)
    return Cluster(
        address.hosts,
        connect=lambda server: connect(address.server(server)),
        ask=lambda server: Redis.from_url(address.server(server), **_QUICK),
    )


def connect(url: str) -> Redis:
    """A client of one server."""
    return Redis.from_url(url, **_bounds())


def _bounds() -> dict[str, Any]:
    """One reconnect at once for a connection that died idle, and no hidden waiting."""
    return {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "max_connections": THREADS + MOST + 4,  # the threads, the hotline, the wake-up listener, the metrics
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    }


def sentinels(address: StoreAddress) -> Sentinel:
    """All Sentinels of an address, each asked once and briefly."""
    options = _QUICK | {name: value for name, value in _server_options(address).items() if name.startswith("ssl")}
    options |= {name: address.options.get(f"sentinel_{name}") for name in ("username", "password")}
    asked = Sentinel([])
    asked.sentinels = [_Sentinel(host, port, **options) for host, port in address.hosts]
    return asked


class _Sentinel(Redis):
    """One of them; redis-py's errors name it by its `repr`, which would tell all its options."""

    def __repr__(self) -> str:
        where = self.get_connection_kwargs()
        return f"{where['host']}:{where['port']}"


def _primary(address: StoreAddress) -> Redis:
    """A client that asks Sentinel where the primary is with each connection that it makes."""
    primary: Redis = sentinels(address).master_for(address.service, **_server_options(address), **_bounds())
    return primary


def _server_options(address: StoreAddress) -> dict[str, Any]:
    """What the URL of a server says, but for where it is, in the words of redis-py's pools."""
    options = parse_url(address.server(address.hosts[0]))
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    return {name: value for name, value in options.items() if name not in {"host", "port"}}
