"""What became of the items of one request: for the upstream, and for the metrics."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from gateway.pushes.complaint import RejectedPushError
from monitoring.names import PUSHES_ACCEPTED
from queues.push import Accepted, NewPush

_OTHER = "other"  # a rejected item's account and channel may be anything that an upstream invents: they are no labels


class PushResult(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What became of one item; a rejected one has no id."""

    id: str = ""
    status: str
    error: str = ""


class PushResults(Struct, frozen=True):
    """The answer to a batch: a result an item, in their order."""

    results: list[PushResult]


def encode_results(read: Sequence[NewPush | RejectedPushError], accepted: Sequence[Accepted]) -> bytes:
    """The JSON of the answer; `accepted` has what became of each item that was read."""
    done = iter(accepted)
    results = []
    for index, push in enumerate(read):
        if isinstance(push, RejectedPushError):
            results.append(PushResult(status="rejected", error=f"pushes[{index}]{push}"))
        else:
            taken = next(done)
            results.append(PushResult(id=taken.id, status=taken.status))
    return msgspec.json.encode(PushResults(results))


def count_items(upstream: str, read: Sequence[NewPush | RejectedPushError], accepted: Sequence[Accepted]) -> None:
    """Count the items of a request that was answered."""
    done = iter(accepted)
    counts: Counter[tuple[str, str, str]] = Counter()
    for push in read:
        if isinstance(push, RejectedPushError):
            counts[_OTHER, _OTHER, "rejected"] += 1
        else:
            counts[push.account, push.channel, _result(next(done))] += 1
    for (account, channel, result), count in counts.items():
        PUSHES_ACCEPTED.labels(account, channel, upstream, result).inc(count)


def count_refused(upstream: str) -> None:
    """Count a request of which nothing was taken, as one: its items were not looked at, or it is not known how many."""
    PUSHES_ACCEPTED.labels(_OTHER, _OTHER, upstream, "shed").inc()


def _result(accepted: Accepted) -> str:
    """The metric's label; a push is counted as queued once, however often its request comes."""
    return "duplicate" if accepted.repeated else accepted.status
