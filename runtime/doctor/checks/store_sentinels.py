"""The Sentinels: are they there, do they agree, and how soon do they act?"""

from collections.abc import Iterator, Sequence

import trio

from queues.connection.address import read_address
from queues.connection.sentinels import SentinelView, read_sentinels
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, warning

SUBJECT = "sentinel"

FEWEST = 3
SLOW_SECONDS = 10.0


async def examine(deployment: Deployment) -> list[Finding]:
    url = deployment.settings.store.url
    address = None if url == "embedded" else read_address(url)
    if address is None or address.kind != "sentinel":
        return []
    return list(judge(await trio.to_thread.run_sync(read_sentinels, address)))


def judge(views: Sequence[SentinelView]) -> Iterator[Finding]:
    """What there is to say of them together."""
    for view in views:
        if view.trouble:
            yield warning(
                SUBJECT,
                f"{view.address} does not tell where the primary is: {view.trouble}",
                "when the others are gone too, no connection is made any more",
                "start it, or correct store.url",
            )
    heard = [view for view in views if not view.trouble]
    if not heard:
        return
    primaries = sorted({view.primary for view in heard})
    if len(primaries) > 1:
        yield error(
            SUBJECT,
            f"they name different primaries: {', '.join(primaries)}",
            "processes may write to different servers",
            "wait for a failover to end; then SENTINEL RESET the service where it is wrong",
        )
    if any(view.down for view in heard):
        yield error(
            SUBJECT,
            f"the primary {primaries[0]} is taken for dead",
            "callbacks and pushes are answered 503 until a replica has its place",
            "see why none is promoted in a Sentinel's log",
        )
    known = min(view.known for view in heard)
    if known < FEWEST:
        yield warning(
            SUBJECT,
            f"{known} Sentinels watch it",
            "with one machine gone there is no majority, and no failover",
            f"run at least {FEWEST}, each on a machine of its own",
        )
    slowest = max(view.down_seconds for view in heard)
    if slowest > SLOW_SECONDS:
        yield warning(
            SUBJECT,
            f"down-after-milliseconds is {slowest * 1000:.0f}",
            f"a dead primary is replaced after {slowest:.0f} s at the earliest; until then all is answered 503",
            "set it to 2000 to 5000",
        )
    if len(primaries) == 1 and not heard[0].down:
        yield good(SUBJECT, f"{known} Sentinels, quorum {heard[0].quorum}, {heard[0].replicas} replicas known")
