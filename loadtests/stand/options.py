"""What a stand is to be."""

from typing import Literal

from msgspec import Struct

StoreKind = Literal["embedded", "external", "sentinel", "cluster"]


class StandOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[stand]` of a scenario. `per_second` and `per_day` are the account's limit on template messages.

    * `template_per_second`: what the campaigns' template may use of that; 0 is all.
    * `store`: Tidegate's embedded one or one of ours: `external` is one server, `sentinel` a primary with two replicas,
      `cluster` three primaries with a replica each. `durability` is its setting, for one replica.
    * `proxied`: the links that go through a proxy: `platform`, and `store` (external only).
    * `data_megabytes`: puts the store's files on a disk of that size (a tmpfs).
    * `clock`: loads libfaketime into `serve` and all it starts, where there is one; the clock is then moved by a file.
    * `logs`: everything is a line for each attempt, at debug.
    """

    gateways: int = 1
    pushers: int = 1
    per_second: int = 2_000
    per_day: int = 1_000_000
    template_per_second: float = 0
    max_attempts: int = 8
    claim_seconds: float = 10.0
    send_seconds: float = 5.0
    store: StoreKind = "embedded"
    durability: Literal["fsync", "replica"] = "fsync"
    proxied: tuple[Literal["platform", "store"], ...] = ()
    data_megabytes: int = 0
    clock: bool = False
    logs: Literal["usual", "everything"] = "usual"

    def __post_init__(self) -> None:
        """Raises ValueError for a stand that cannot be."""
        if "store" in self.proxied and self.store != "external":
            raise ValueError(
                '`proxied` may name the store only if `store` is "external": others have no port, or several'
            )
