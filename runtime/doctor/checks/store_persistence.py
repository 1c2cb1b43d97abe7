"""Does the store keep what it acknowledged, over a crash and a power loss?"""

from collections.abc import Iterator

from queues.readings.condition import StoreCondition
from queues.settings import StoreSettings
from runtime.doctor.deployment import Deployment, of_each_server
from runtime.doctor.finding import Finding, error, good, note, warning

SUBJECT = "store"


async def examine(deployment: Deployment) -> list[Finding]:
    return of_each_server(deployment, lambda server: judge(server, deployment.settings.store))


def judge(store: StoreCondition, settings: StoreSettings) -> Iterator[Finding]:
    """What there is to say of one store."""
    if settings.durability == "memory":
        yield warning(
            SUBJECT,
            'store.durability is "memory"',
            "what was acknowledged is lost if the store or its machine stops",
            'set store.durability = "fsync"',
        )
    if store.appendonly not in {"", "yes"}:
        yield error(
            SUBJECT,
            f"appendonly {store.appendonly}",
            "a restart of the store loses every event and push since its last snapshot",
            "CONFIG SET appendonly yes, then CONFIG REWRITE",
        )
    elif store.appendfsync == "no":
        yield error(
            SUBJECT,
            "appendfsync no",
            "the kernel writes when it likes: appends wait for it until they are answered 503",
            "CONFIG SET appendfsync always",
        )
    elif store.appendfsync == "everysec":
        yield warning(
            SUBJECT,
            "appendfsync everysec",
            "each append waits for WAITAOF, up to a second: callbacks are answered late, and a spike is shed",
            "CONFIG SET appendfsync always: group commit pays for one fsync a batch",
        )
    elif store.appendonly:
        yield good(SUBJECT, f"appendonly yes, appendfsync {store.appendfsync}")
    else:
        yield note(SUBJECT, "does not tell appendonly", "what it keeps over a restart is its provider's word")
    for what, status in (("write to", store.last_append), ("rewrite of", store.last_rewrite)):
        if status not in {"", "ok"}:
            yield error(
                SUBJECT,
                f"the last {what} the append-only file ended with {status}",
                "the disk is full or failing: writes are refused until it is not",
                "free the disk, and see the store's log",
            )
