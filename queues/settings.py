"""The `[store]` table."""

from typing import Literal

from msgspec import Struct


class StoreSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the store is and how durable an append must be before it is acknowledged."""

    url: str = "embedded"
    data_dir: str = ".tidegate"
    shards: int = 4
    durability: Literal["fsync", "replica", "memory"] = "fsync"
    replicas: int = 1
    max_memory_bytes: int = 0
    retain_events_seconds: int = 86_400
