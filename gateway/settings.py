"""The `[server]` and `[[upstreams]]` tables."""

from msgspec import Struct

from gateway.upstream_key import UpstreamKey
from queues.secret import Secret

NO_KEY = UpstreamKey("")


class TlsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """PEM files: the certificate with its chain, and its key, unencrypted. Both empty: no TLS."""

    certificate: str = ""
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.certificate or self.key)


class ServerSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The listener and its bounds; sizes in bytes, times in seconds."""

    bind: str = "127.0.0.1:8080"
    processes: int = 1
    max_connections: int = 10_000
    backlog: int = 4096  # connections the kernel holds until we accept them
    request_seconds: float = 5.0
    max_body_bytes: int = 65_536
    max_batch_bytes: int = 8_388_608
    max_queued: int = 2_000_000  # pushes of one account; 0: no mark
    max_drain_seconds: float = 259_200.0  # that an account's pushes would take at its limits; 0: no mark
    max_memory_share: float = 0.8  # of the store's limit, over which pushes are refused and callbacks are not
    drain_seconds: float = 10.0
    freshness_seconds: float = 600.0
    tls: TlsSettings = TlsSettings()


class Upstream(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A system that may enqueue pushes; `accounts` empty means all of them, `per_second` 0 any number of pushes.

    `previous_key` is taken as well, while a key is being replaced.

    Pushes with `notify` are told of at `webhook_url` when they have ended, signed with `webhook_secret`.
    An `operator` also looks after what other upstreams push through its accounts.
    """

    name: str
    key: UpstreamKey
    previous_key: UpstreamKey = NO_KEY
    accounts: tuple[str, ...] = ()
    operator: bool = False
    webhook_url: str = ""
    webhook_secret: Secret = Secret("")
    per_second: float = 0

    def may_use(self, account: str) -> bool:
        return not self.accounts or account in self.accounts

    def looks_after(self, upstream: str, account: str) -> bool:
        """Whether a push of that upstream, through that account, may be seen, cancelled and replayed."""
        return upstream == self.name or (self.operator and self.may_use(account))
