"""What the Sentinels of a store say, for whoever examines a deployment."""

from typing import Any

from msgspec import Struct
from redis import Redis
from redis.exceptions import RedisError

from queues.connection.address import StoreAddress
from queues.connection.connector import sentinels


class SentinelView(Struct, frozen=True, kw_only=True):
    """One Sentinel's view; `trouble` says why there is none.

    `known` Sentinels watch the service with it, itself included, of which `quorum` must agree that the primary is dead;
    it is taken for dead after `down_seconds` of silence.
    """

    address: str
    trouble: str = ""
    primary: str = ""
    down: bool = False
    known: int = 0
    quorum: int = 0
    replicas: int = 0
    down_seconds: float = 0.0


def read_sentinels(address: StoreAddress) -> list[SentinelView]:
    """Ask each of the Sentinels; blocking, half a second each at most."""
    asked = sentinels(address)
    try:
        return [
            _view(f"{host}:{port}", client, address.service)
            for (host, port), client in zip(address.hosts, asked.sentinels, strict=True)
        ]
    finally:
        asked.close()


def _view(address: str, client: Redis, service: str) -> SentinelView:
    try:
        told: Any = client.sentinel_master(service)
    except (RedisError, OSError) as error:
        return SentinelView(address=address, trouble=str(error))
    return SentinelView(
        address=address,
        primary=f"{told['ip']}:{told['port']}",
        down=bool(told["is_sdown"] or told["is_odown"]),
        known=int(told["num-other-sentinels"]) + 1,
        quorum=int(told["quorum"]),
        replicas=int(told["num-slaves"]),
        down_seconds=int(told["down-after-milliseconds"]) / 1000,
    )
