"""The store's server: does it answer, what is it, and does its clock agree with ours."""

from collections.abc import Iterator

from queues.readings.condition import StoreCondition
from queues.settings import StoreSettings
from runtime.doctor.deployment import Deployment, of_each_server
from runtime.doctor.finding import Finding, error, good, note, warning
from runtime.inspection import redacted

SUBJECT = "store"

OLDEST_REDIS = (6, 2)
SKEW_SECONDS, LARGE_SKEW_SECONDS = 1.0, 30.0
CLIENT_SHARE = 0.8
LISTPACK_BYTES = 2048


async def examine(deployment: Deployment) -> list[Finding]:
    if deployment.conditions:
        return of_each_server(deployment, lambda server: judge(server, deployment.settings.store))
    if not deployment.store_trouble:
        return [note(SUBJECT, "embedded, and no serve runs on its directory", "it was not examined", "start serve")]
    return [
        error(
            SUBJECT,
            f"{redacted(deployment.settings.store.url)} does not answer: {deployment.store_trouble}",
            "callbacks and pushes are answered 503, and nothing is sent",
            "start it, or correct store.url",
        )
    ]


def judge(store: StoreCondition, settings: StoreSettings) -> Iterator[Finding]:
    """What there is to say of the server itself."""
    yield from _version(store)
    if store.shards not in {0, settings.shards}:
        yield error(
            SUBJECT,
            f"its data has {store.shards} shards, store.shards is {settings.shards}",
            "no process starts",
            f"set store.shards = {store.shards}, or give another store",
        )
    yield from _clients(store)
    yield from _clock(store)


def _version(store: StoreCondition) -> Iterator[Finding]:
    numbers = tuple(int(part) for part in store.version.split(".")[:2] if part.isdecimal())
    if store.server == "redis" and numbers < OLDEST_REDIS:
        yield error(
            SUBJECT,
            f"{store.server} {store.version}",
            "scripts use commands it does not have",
            "take Valkey, or Redis 6.2 or newer",
        )
    else:
        yield good(SUBJECT, f"{store.server} {store.version}")
    if 0 <= store.hash_max_listpack_value < LISTPACK_BYTES:
        yield note(
            SUBJECT,
            f"hash-max-listpack-value is {store.hash_max_listpack_value}",
            "a queued push takes up to three times the memory",
            f"set it to {LISTPACK_BYTES}",
        )


def _clients(store: StoreCondition) -> Iterator[Finding]:
    if store.max_clients and store.clients >= store.max_clients * CLIENT_SHARE:
        yield warning(
            SUBJECT,
            f"{store.clients:,} of {store.max_clients:,} clients",
            "a worker that is started again cannot connect",
            "raise maxclients, or find who keeps connections open (CLIENT LIST)",
        )


def _clock(store: StoreCondition) -> Iterator[Finding]:
    skew = max(0.0, abs(store.clock_ahead) - store.clock_doubt)
    said = f"its clock is {skew:.1f} s {'ahead of' if store.clock_ahead > 0 else 'behind'} this machine's"
    if skew > LARGE_SKEW_SECONDS:
        yield error(
            SUBJECT,
            said,
            "scheduled pushes and the day's quota turn at the wrong time, and ages in metrics are wrong",
            "run a time service on both",
        )
    elif skew > SKEW_SECONDS:
        yield warning(SUBJECT, said, "ages and waits in metrics are wrong by as much", "run a time service on both")
    else:
        yield good(SUBJECT, f"its clock agrees with this machine's to {max(skew, store.clock_doubt) * 1000:.0f} ms")
