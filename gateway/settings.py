"""The `[server]` and `[[upstreams]]` tables."""

from msgspec import Struct

from queues.secret import Secret


class ServerSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The listener and its bounds; sizes in bytes, times in seconds."""

    bind: str = "127.0.0.1:8080"
    processes: int = 1
    max_connections: int = 10_000
    request_seconds: float = 5.0
    max_body_bytes: int = 65_536
    max_batch_bytes: int = 8_388_608
    drain_seconds: float = 10.0
    freshness_seconds: float = 600.0


class Upstream(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A system that may enqueue pushes; `accounts` empty means all of them.

    An `operator` also sees and replays what other upstreams' pushes were given up, through its accounts.
    """

    name: str
    key: Secret
    accounts: tuple[str, ...] = ()
    operator: bool = False

    def may_use(self, account: str) -> bool:
        return not self.accounts or account in self.accounts
