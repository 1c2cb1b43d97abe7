"""Opens any store address Tidegate takes, to read it."""

from urllib.parse import urlsplit

from redis import Redis, RedisCluster, Sentinel
from redis.cluster import ClusterNode

_SECONDS = 10.0
_SENTINEL_PORT = 26_379
_PORT = 6_379


def open_client(url: str, seconds: float = _SECONDS) -> Redis:
    """A client for `redis://`, `rediss://`, `unix://`, `redis+sentinel://h:p,h:p/service` or `redis+cluster://h:p,h:p`.

    It waits no longer than that for an answer; connecting is left to the first command. Raises ValueError for an
    address of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme == "redis+sentinel":
        service = parts.path.strip("/")
        if not service:
            raise ValueError("a redis+sentinel:// address ends with the name of its service")
        sentinel = Sentinel(_hosts(parts.netloc, _SENTINEL_PORT), socket_timeout=seconds)
        master: Redis = sentinel.master_for(service, socket_timeout=seconds)
        return master
    if parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts.netloc, _PORT)]
        # A cluster client has the commands the audit needs, though it is no subclass.
        return RedisCluster(startup_nodes=nodes, socket_timeout=seconds)  # type: ignore[return-value]
    return Redis.from_url(url, socket_timeout=seconds)


def _hosts(netloc: str, port: int) -> list[tuple[str, int]]:
    hosts = []
    for each in netloc.rpartition("@")[2].split(","):
        host, _, given = each.partition(":")
        hosts.append((host, int(given or port)))
    return hosts
