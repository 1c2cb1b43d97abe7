"""What a store says of itself, and whether its data is ours to use."""

from typing import Any, cast

from msgspec import Struct
from redis import Redis
from redis.exceptions import ResponseError

from queues import keys
from queues.codec import SCHEMA_VERSION
from queues.errors import StoreMismatchError


class ServerFacts(Struct, frozen=True, kw_only=True):
    """A server's own words; an empty string where it does not tell (managed services hide CONFIG)."""

    server: str
    version: str
    appendonly: str
    appendfsync: str
    maxmemory: int
    maxmemory_policy: str
    used_memory: int


class StoreFacts(Struct, frozen=True, kw_only=True):
    """A store's servers, and its number of shards: 0 in a new one."""

    shards: int
    servers: tuple[ServerFacts, ...]


def read_facts(client: Redis) -> ServerFacts:
    info = client.info()
    return ServerFacts(
        server=str(info.get("server_name", "redis")),
        version=str(info.get("valkey_version", info["redis_version"])),
        appendonly=config_value(client, "appendonly"),
        appendfsync=config_value(client, "appendfsync"),
        maxmemory=int(info.get("maxmemory", 0)),
        maxmemory_policy=str(info.get("maxmemory_policy", "")),
        used_memory=int(info.get("used_memory", 0)),
    )


def layout_shards(client: Redis) -> int:
    """The number of shards of the store whose `keys.META` this server holds."""
    return int(cast("bytes | None", client.hget(keys.META, "shards")) or 0)


def clock(client: Redis) -> float:
    """The server's time, in seconds since the epoch."""
    seconds, microseconds = client.time()
    return float(seconds + microseconds / 1e6)


def config_value(client: Redis, name: str) -> str:
    """One configuration value, or an empty string where CONFIG is not allowed."""
    try:
        return str(cast("dict[str, Any]", client.config_get(name)).get(name, ""))
    except ResponseError:
        return ""


def claim_layout(client: Redis, shards: int) -> None:
    """Write the layout's version and shard count into a new store; refuse a store that has others.

    Raises:
        StoreMismatchError: another version or shard count.
    """
    ours = {"schema": SCHEMA_VERSION, "shards": shards}
    for field, value in ours.items():
        client.hsetnx(keys.META, field, str(value))
        found = int(cast("bytes", client.hget(keys.META, field)))
        if found != value:
            way_out = f"set store.shards = {found}" if field == "shards" else "use the release that wrote it"
            raise StoreMismatchError(f"the store has {field} {found}, this program is set to {value}: {way_out}")
