"""How the store itself fares: what the metrics show of it, read once a scrape by one process."""

from collections.abc import Sequence

from msgspec import Struct
from redis import Redis

from queues.connection.facts import clock_ahead, config_value


class Vitals(Struct, frozen=True, kw_only=True):
    """A server's own figures, or those of several together; `clock_skew_seconds` is how far its clock is ahead of ours.

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


def together(servers: Sequence[Vitals]) -> Vitals:
    """What several servers add up to; a promise holds if all of them keep it."""
    if len(servers) == 1:
        return servers[0]
    bounds = [each.max_memory_bytes for each in servers]
    syncs = {each.syncs_always for each in servers}
    return Vitals(
        memory_bytes=sum(each.memory_bytes for each in servers),
        max_memory_bytes=sum(bounds) if all(bounds) else 0,
        clients=sum(each.clients for each in servers),
        cpu_seconds=sum(each.cpu_seconds for each in servers),
        commands=sum(each.commands for each in servers),
        evicted_keys=sum(each.evicted_keys for each in servers),
        replicas=min(each.replicas for each in servers),
        appends=all(each.appends for each in servers),
        syncs_always=False if False in syncs else None if None in syncs else True,
        clock_skew_seconds=max((each.clock_skew_seconds for each in servers), key=abs),
    )


def read_vitals(client: Redis) -> Vitals:
    """Ask a server; blocking, three round trips.

    Raises:
        redis.RedisError: the store did not answer.
    """
    ahead, _ = clock_ahead(client)
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
        clock_skew_seconds=ahead,
    )
