"""What the screen shows. Rates are a second, times seconds; None where `/metrics` does not say."""

from msgspec import Struct


class Flow(Struct, frozen=True, kw_only=True):
    """What comes in and goes out, of all accounts together."""

    callbacks: float
    duplicates: float
    refused: float
    shed: float
    callback_p99: float | None
    pushes: float
    rejected: float
    sends: float
    retried: float
    send_p99: float | None
    delivered: float
    failed: float
    dead: float
    delivery_p50: float | None


class Trouble(Struct, frozen=True):
    """What is wrong with an account; `grave` if messages wait or are lost for it now."""

    words: str
    grave: bool = False


class AccountView(Struct, frozen=True, kw_only=True):
    """One account: what waits, what goes out, and what is wrong with it."""

    name: str
    high: int
    normal: int
    bulk: int
    oldest: float
    drain: float | None
    callbacks: float
    sends: float
    send_p99: float | None
    wait_p99: float | None
    troubles: tuple[Trouble, ...]

    @property
    def waiting(self) -> int:
        return self.high + self.normal + self.bulk


class QuotaView(Struct, frozen=True, kw_only=True):
    """One API of one account today; `limit` 0 is unlimited, `left_seconds` is at the rate of now."""

    account: str
    api: str
    spent: int
    limit: int
    parked: bool
    left_seconds: float | None

    @property
    def share(self) -> float:
        return self.spent / self.limit if self.limit else 0.0


class QueueView(Struct, frozen=True, kw_only=True):
    """What waits elsewhere than in a queue of pushes, of all accounts: claims, dead, events, later."""

    name: str
    depth: int
    oldest: float


class RoleView(Struct, frozen=True, kw_only=True):
    """The processes of one role. `starts` counts since `serve` began, `starting` and `cores` (CPU time) are rates.

    `cores` is None until two looks are far enough apart: processes measure themselves every few seconds.
    """

    role: str
    processes: float | None
    starts: float
    starting: float
    cores: float | None
    memory_bytes: float | None
    open_files: float | None
    max_files: float | None
    loop_lag_p99: float | None


class StoreView(Struct, frozen=True, kw_only=True):
    """The store as its users see it; `max_memory_bytes` 0 is unlimited."""

    up: bool | None
    durable: bool | None
    memory_bytes: float | None
    max_memory_bytes: float | None
    calls: float
    call_p99: float | None
    append_p99: float | None
    errors: float


class Snapshot(Struct, frozen=True, kw_only=True):
    """One screen. `accounts` has the slowest first; `shed_level` is `admission_level`."""

    version: str
    seconds: float
    flow: Flow
    accounts: tuple[AccountView, ...]
    quotas: tuple[QuotaView, ...]
    queues: tuple[QueueView, ...]
    roles: tuple[RoleView, ...]
    store: StoreView
    connections: float | None
    connections_refused: float
    shed_level: float | None
