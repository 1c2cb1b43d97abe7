"""How the store itself fares: what the metrics show of it, read once a scrape by one process."""

import time

from msgspec import Struct
from redis import Redis

from queues.facts import config_value


class Vitals(Struct, frozen=True, kw_only=True):
    """A store's own figures; `clock_skew_seconds` is how far its clock is ahead of ours.

    `syncs_always`: every answer comes after an fsync; None where the store does not say (managed services hide CONFIG).
    """

    memory_bytes: int
    max_memory_bytes: int
    clients: int
    cpu_seconds: float
    commands: int
    evicted_keys: int
    replicas: int
    appends: bool
    syncs_always: bool | None
    clock_skew_seconds: float

    def durable(self, durability: str, *, proven: bool) -> bool:
        """Whether it keeps what is configured; `proven`: each commit asks it for the proof."""
        if durability == "memory":
            return True
        return self.appends and (proven or self.syncs_always is not False)


def read_vitals(client: Redis) -> Vitals:
    """Ask the store; blocking, three round trips.

    Raises:
        redis.RedisError: the store did not answer.
    """
    asked = time.time()
    seconds, microseconds = client.time()
    between = (asked + time.time()) / 2
    info = client.info()
    appendfsync = config_value(client, "appendfsync")
    return Vitals(
        memory_bytes=int(info["used_memory"]),
        max_memory_bytes=int(info.get("maxmemory", 0)),
        clients=int(info["connected_clients"]),
        cpu_seconds=float(info["used_cpu_sys"]) + float(info["used_cpu_user"]),
        commands=int(info["total_commands_processed"]),
        evicted_keys=int(info.get("evicted_keys", 0)),
        replicas=int(info.get("connected_slaves", 0)),
        appends=bool(info.get("aof_enabled", 0)) and info.get("aof_last_write_status", "ok") == "ok",
        syncs_always=appendfsync == "always" if appendfsync else None,
        clock_skew_seconds=seconds + microseconds / 1e6 - between,
    )
