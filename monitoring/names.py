"""Every metric this project exports, by name; nobody else writes a metric's name."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from prometheus_client import REGISTRY, Gauge, disable_created_metrics

from monitoring.instruments import Counter, Histogram

# Edges include the platform's own limits: 20 ms queuing threshold, 1 s (WeCom's verification), 5 s (callback deadline).
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG_SECONDS = (0.02, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400, 86400)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)

# A `_created` beside every series would double them, and no query needs it.
disable_created_metrics()  # type: ignore[no-untyped-call]


def _counter(name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
    return Counter(name, help_text, labels, namespace="tidegate", registry=REGISTRY)


def _histogram(name: str, help_text: str, labels: Sequence[str] = (), edges: Sequence[float] = _SECONDS) -> Histogram:
    return Histogram(name, help_text, labels, namespace="tidegate", buckets=tuple(edges), registry=REGISTRY)


def _live_sum(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge that each process counts for itself and that dies with it."""
    return Gauge(name, help_text, labels, namespace="tidegate", multiprocess_mode="livesum", registry=REGISTRY)


def _live_max(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge of which the highest of all live processes counts."""
    return Gauge(name, help_text, labels, namespace="tidegate", multiprocess_mode="livemax", registry=REGISTRY)


CALLBACKS = _counter("callbacks", "Callbacks answered, by what became of them.", ("account", "event", "result"))
CALLBACK_SECONDS = _histogram("callback_seconds", "From a callback's last byte to its answer.", ("account",))
APPEND_BATCH_SIZE = _histogram("append_batch_size", "Items in one group commit.", ("kind",), _SIZES)
APPEND_SECONDS = _histogram("append_seconds", "One group commit, fsync included.", ("kind",))
REQUEST_SECONDS = _histogram(
    "request_seconds", "From the last byte of a request that is no callback to its answer.", ("route", "status")
)
ADMISSION_WAIT_SECONDS = _histogram("admission_wait_seconds", "How long a batch's callbacks waited for it to begin.")
ADMISSION_LEVEL = _live_max(
    "admission_level", "What is shed: 0 nothing; 1 all pushes; 2 and all receipts; 3 everything."
)
CONNECTIONS = _live_sum("connections", "Open connections.")
CONNECTIONS_REFUSED = _counter("connections_refused", "Connections closed before their request was read.", ("reason",))

PUSHES_ACCEPTED = _counter(
    "pushes_accepted", "Push items answered, by what became of them.", ("account", "channel", "upstream", "result")
)
PUSH_ATTEMPTS = _counter("push_attempts", "Sends to the platform, by verdict.", ("account", "channel", "verdict"))
PUSH_ERRCODES = _counter("push_errcodes", "The platform's answers by errcode.", ("account", "errcode"))
PUSHES_FINISHED = _counter("pushes_finished", "Pushes that reached a final state.", ("account", "channel", "state"))
PUSH_WAIT_SECONDS = _histogram(
    "push_wait_seconds",
    "From acceptance (or send_at) to the first send.",
    ("account", "channel", "priority"),
    _LONG_SECONDS,
)
PUSH_SEND_SECONDS = _histogram(
    "push_send_seconds", "One request to the platform, write to answer.", ("account", "channel", "priority")
)
PUSH_DELIVERY_SECONDS = _histogram(
    "push_delivery_seconds",
    "From acceptance to the platform's receipt.",
    ("account", "channel", "priority"),
    _LONG_SECONDS,
)

PUSHES_IN_FLIGHT = _live_sum("pushes_in_flight", "Pushes that a pusher holds: on a lane or in front of one.")
CLAIMS_LOST = _counter("claims_lost", "Outcomes that came too late: the push had been taken over.", ("account",))
WEBHOOKS = _counter("webhooks", "Webhooks to upstreams, a try each.", ("upstream", "result"))
QUEUE_MOVES = _counter("queue_moves", "Pushes put back into their queue: due, or claimed by a dead worker.", ("kind",))
RECORDS_UNREADABLE = _counter(
    "records_unreadable", "Records of the store that were set aside, or left to another version.", ("kind",)
)
EVENTS_DISPATCHED = _counter("events_dispatched", "Events that the pushers have acted on.")

LIMIT_WAIT_SECONDS = _counter("limit_wait_seconds", "Time pushes waited for the rate limit.", ("account", "api"))
TOKEN_REFRESH = _counter("token_refresh", "Access token refreshes, by result.", ("account", "result"))

BREAKER_OPEN = _live_max("breaker_open", "1 while a process sends an account's pushes as probes only.", ("account",))

STORE_SECONDS = _histogram("store_seconds", "One call to the store, as long as its caller waits.", ("operation",))
STORE_ERRORS = _counter("store_errors", "Calls to the store that failed.", ("operation",))
STORE_LOST_BATCHES = _counter(
    "store_lost_batches", "Confirmed batches of callbacks or pushes that a store which failed over lacks, at most."
)
LOOP_LAG_SECONDS = _histogram("loop_lag_seconds", "How late a process's loop wakes a task that is due.", ("role",))
PROCESSES = _live_sum("processes", "Processes that run.", ("role",))
PROCESS_STARTS = _counter("process_starts", "Processes that began, restarts included.", ("role",))
PROCESS_CPU_SECONDS = _counter("process_cpu_seconds", "CPU time of processes, user and system.", ("role",))
PROCESS_MEMORY_BYTES = _live_sum("process_memory_bytes", "Resident memory of processes.", ("role",))
PROCESS_OPEN_FILES = _live_sum("process_open_files", "Open file descriptors of processes.", ("role",))
PROCESS_MAX_FILES = _live_sum("process_max_files", "The most file descriptors that processes may open.", ("role",))


class Family(Struct, frozen=True):
    """A metric that is read from its source at each scrape, not counted here. A counter's name ends in `_total`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"


QUEUE_DEPTH = Family("tidegate_queue_depth", "Items in a queue.", ("account", "queue"))
QUEUE_OLDEST_SECONDS = Family(
    "tidegate_queue_oldest_seconds", "Age of the oldest item in a queue.", ("account", "queue")
)
QUEUE_DRAIN_SECONDS = Family(
    "tidegate_queue_drain_seconds", "Until a queue is empty, at today's rate and quota.", ("account", "queue")
)
QUEUE_PENDING = Family("tidegate_queue_pending", "Items taken and not yet settled.", ("account", "queue"))
QUOTA_LIMIT = Family("tidegate_quota_limit", "Calls of an API a day; 0 is unlimited.", ("account", "api"))
QUOTA_SPENT = Family("tidegate_quota_spent", "Calls of an API leased today (UTC+8).", ("account", "api"))
QUOTA_PARKED = Family("tidegate_quota_parked", "1 while an API is held back: parked or stopped.", ("account", "api"))
ACCOUNT_STOPPED = Family("tidegate_account_stopped", "1 while nothing is sent for an account.", ("account",))
TOKEN_AGE_SECONDS = Family("tidegate_token_age_seconds", "Age of an account's access token.", ("account",))
STORE_UP = Family("tidegate_store_up", "1 if the exporter reaches the store.")
STORE_MEMORY_BYTES = Family("tidegate_store_memory_bytes", "Memory the store uses.")
STORE_MAX_MEMORY_BYTES = Family("tidegate_store_max_memory_bytes", "The most it may use; 0 is unlimited.")
STORE_DURABLE = Family("tidegate_store_durable", "1 while the store keeps the durability that is configured.")
STORE_REPLICAS = Family("tidegate_store_replicas", "Replicas that are connected to the store.")
STORE_REPLICAS_NEEDED = Family("tidegate_store_replicas_needed", "Replicas that the durability asks for.")
STORE_CLOCK_SKEW_SECONDS = Family("tidegate_store_clock_skew_seconds", "The store's clock, ahead of the exporter's.")
STORE_CLIENTS = Family("tidegate_store_clients", "Connections to the store.")
STORE_CPU_SECONDS = Family("tidegate_store_cpu_seconds_total", "CPU time of the store.", (), "counter")
STORE_COMMANDS = Family("tidegate_store_commands_total", "Commands the store has carried out.", (), "counter")
STORE_EVICTED_KEYS = Family("tidegate_store_evicted_keys_total", "Keys the store has thrown away.", (), "counter")
BUILD_INFO = Family("tidegate_build_info", "Always 1; what runs is in the labels.", ("version", "commit"))
