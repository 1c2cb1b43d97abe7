"""Opens any store address Tidegate takes, to read it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from redis import Redis, RedisCluster, Sentinel
from redis.cluster import ClusterNode
from redis.connection import SSLConnection, parse_url

_SECONDS = 10.0
_PORTS = {"sentinel": 26_379, "cluster": 6_379}
_SENTINELS_OWN = "sentinel_"


def open_client(url: str, seconds: float = _SECONDS) -> Redis:
    """A client for `redis://`, `rediss://`, `unix://`, or with `+sentinel` or `+cluster` for several servers.

    It waits no longer than that for an answer. Raises ValueError for an address of another kind.
    """
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if kind not in _PORTS:
        return Redis.from_url(url, socket_timeout=seconds)
    hosts = _hosts(parts.netloc, _PORTS[kind])
    server = {**_server(scheme, parts), "socket_timeout": seconds}
    if kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in hosts]
        # A cluster client has the commands the audit needs, though it is no subclass.
        return RedisCluster(startup_nodes=nodes, **server)  # type: ignore[return-value]
    service = parts.path.strip("/")
    if not service:
        raise ValueError(f"a {parts.scheme}:// address ends with the name of its service")
    sentinel = Sentinel(hosts, sentinel_kwargs=_sentinel(server, parts.query))
    master: Redis = sentinel.master_for(service, **server)
    return master


def _hosts(netloc: str, port: int) -> list[tuple[str, int]]:
    places = [urlsplit(f"//{each}") for each in netloc.rpartition("@")[2].split(",")]
    return [(place.hostname or "", place.port or port) for place in places]


def _server(scheme: str, parts: SplitResult) -> dict[str, Any]:
    """What the address says of each server, as redis-py reads it in that of a lone one."""
    credentials, at, _ = parts.netloc.rpartition("@")
    query = urlencode([each for each in parse_qsl(parts.query) if not each[0].startswith(_SENTINELS_OWN)])
    read: dict[str, Any] = parse_url(f"{scheme}://{credentials}{at}any?{query}")
    tls = {"ssl": True} if read.pop("connection_class", None) is SSLConnection else {}
    del read["host"]
    return read | tls


def _sentinel(server: Mapping[str, Any], query: str) -> dict[str, Any]:
    """A Sentinel has TLS and the time in common with the servers; its user and password are its own."""
    common = {name: value for name, value in server.items() if name.startswith(("ssl", "socket_timeout"))}
    own = {name.removeprefix(_SENTINELS_OWN): value for name, value in parse_qsl(query) if name.startswith("sentinel_")}
    return common | own
