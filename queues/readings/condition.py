"""The state a store is in, for whoever examines a deployment."""

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct
from redis import Redis
from redis.exceptions import ResponseError

from queues import keys
from queues.connection.facts import clock_ahead, config_value


class StoreCondition(Struct, frozen=True, kw_only=True):
    """A store's own words; an empty string or -1 where it does not tell (managed services hide CONFIG).

    `shards` is 0 in a new store and where another server holds what tells it. `address` is host:port, where it is
    known. `clock_ahead` is how many seconds its clock is ahead of ours, give or take `clock_doubt`.
    """

    server: str
    version: str
    shards: int
    address: str
    role: str
    cluster: bool
    cluster_state: str
    replicas: int
    replication_link: str
    appendonly: str
    appendfsync: str
    last_append: str
    last_rewrite: str
    maxmemory: int
    maxmemory_policy: str
    used_memory: int
    machine_memory: int
    evicted: int
    clients: int
    max_clients: int
    hash_max_listpack_value: int
    clock_ahead: float
    clock_doubt: float


def read_condition(client: Redis) -> StoreCondition:
    """Ask the store; blocking, a handful of round trips, changes nothing.

    Raises:
        redis.RedisError: it did not answer.
    """
    info: Mapping[str, Any] = client.info()
    ahead, doubt = clock_ahead(client)
    cluster = bool(info.get("cluster_enabled"))
    return StoreCondition(
        server=str(info.get("server_name", "redis")),
        version=str(info.get("valkey_version", info["redis_version"])),
        shards=_shards(client),
        address=_address(client),
        role=str(info.get("role", "")),
        cluster=cluster,
        cluster_state=_cluster_state(client) if cluster else "",
        replicas=_online_replicas(info),
        replication_link=str(info.get("master_link_status", "")),
        appendonly=config_value(client, "appendonly"),
        appendfsync=config_value(client, "appendfsync"),
        last_append=str(info.get("aof_last_write_status", "")),
        last_rewrite=str(info.get("aof_last_bgrewrite_status", "")),
        maxmemory=int(info.get("maxmemory", 0)),
        maxmemory_policy=str(info.get("maxmemory_policy", "")),
        used_memory=int(info.get("used_memory", 0)),
        machine_memory=int(info.get("total_system_memory", 0)),
        evicted=int(info.get("evicted_keys", 0)),
        clients=int(info.get("connected_clients", 0)),
        max_clients=int(info.get("maxclients", 0)),
        hash_max_listpack_value=int(config_value(client, "hash-max-listpack-value") or -1),
        clock_ahead=ahead,
        clock_doubt=doubt,
    )


def _shards(client: Redis) -> int:
    try:
        return int(cast("bytes | None", client.hget(keys.META, "shards")) or 0)
    except ResponseError:  # a cluster without its slots, or another of its servers has them
        return 0


def _address(client: Redis) -> str:
    where = client.get_connection_kwargs()
    return f"{where['host']}:{where['port']}" if "host" in where else ""


def _online_replicas(info: Mapping[str, Any]) -> int:
    """Replicas that have caught up; one that still loads cannot confirm a write."""
    slaves = [value for name, value in info.items() if name.startswith("slave") and isinstance(value, dict)]
    return sum(slave.get("state") == "online" for slave in slaves)


def _cluster_state(client: Redis) -> str:
    """`ok` or `fail`, as CLUSTER INFO says."""
    told: Any = client.execute_command("CLUSTER INFO")
    text = told.decode() if isinstance(told, bytes) else str(told)
    lines = dict(line.partition(":")[::2] for line in text.split())
    return str(lines.get("cluster_state", told.get("cluster_state", "") if isinstance(told, dict) else ""))
