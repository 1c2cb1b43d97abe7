"""The few questions that several ask a server, and whether its data is ours to use."""

from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

from queues import keys
from queues.codec import SCHEMA_VERSION
from queues.errors import StoreMismatchError


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
