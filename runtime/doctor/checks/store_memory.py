"""How much room the store has, and what it does when it has none."""

from collections.abc import Iterator

from queues.readings.condition import StoreCondition
from runtime.doctor.deployment import Deployment, of_each_server
from runtime.doctor.finding import Finding, error, good, warning

SUBJECT = "store"

FULL_SHARE, NEARLY_FULL_SHARE = 0.9, 0.7

_SAFE_POLICY = "noeviction"


async def examine(deployment: Deployment) -> list[Finding]:
    return of_each_server(deployment, judge)


def judge(store: StoreCondition) -> Iterator[Finding]:
    """What there is to say of one store."""
    if store.maxmemory_policy not in {"", _SAFE_POLICY}:
        yield error(
            SUBJECT,
            f"maxmemory-policy {store.maxmemory_policy}"
            + (f", and {store.evicted:,} keys are evicted already" if store.evicted else ""),
            "a full store drops acknowledged events and pushes instead of refusing new ones",
            f"CONFIG SET maxmemory-policy {_SAFE_POLICY}",
        )
    bound = store.maxmemory or store.machine_memory
    if not bound:
        return
    share = store.used_memory / bound
    said = f"{share:.0%} of {_gigabytes(bound)} {'maxmemory' if store.maxmemory else 'of its machine'} used"
    if share >= NEARLY_FULL_SHARE:
        grade = error if share >= FULL_SHARE else warning
        yield grade(
            SUBJECT,
            said,
            "once it is full, callbacks and pushes are answered 503",
            "raise maxmemory, drain the queues, or lower retain_events_seconds and retain_seconds",
        )
    else:
        yield good(SUBJECT, said)
    if not store.maxmemory:
        yield warning(
            SUBJECT,
            "no maxmemory",
            "a backlog that fills the machine ends in the kernel killing the store, not in a clear refusal",
            f"set maxmemory (store.max_memory_bytes of the embedded one) to at most "
            f"{_gigabytes(int(store.machine_memory * 0.6))}: rewriting the file needs room",
        )


def _gigabytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"
