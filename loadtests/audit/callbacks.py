"""Acknowledged callbacks against the event streams."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from loadtests.audit.identity import Identity, identify
from loadtests.audit.report import MAX_LISTED, CallbackAudit
from loadtests.ledgers import SpikeRow
from loadtests.platform.ledger import CallbackRow


class SentCallback(Struct, frozen=True, gc=False):
    """One distinct callback as its sender remembers it."""

    identity: Identity
    acked: bool
    deliveries: int


def from_spike(rows: Iterable[SpikeRow]) -> list[SentCallback]:
    return [SentCallback(identify(row), row.acked, len(row.answers)) for row in rows]


def from_platform(rows: Iterable[CallbackRow]) -> list[SentCallback]:
    return [SentCallback(identify(row), row.final == "acked", len(row.answers)) for row in rows]


def audit_callbacks(sent: Iterable[SentCallback], streams: Mapping[Identity, int], others: int = 0) -> CallbackAudit:
    """`streams` says how often each identity stands in the event streams; `others` of them are another sender's."""
    tally: Counter[str] = Counter()
    lost: list[Identity] = []
    twice: list[Identity] = []
    seen: set[Identity] = set()
    for callback in sent:
        seen.add(callback.identity)
        times = streams.get(callback.identity, 0)
        tally["sent"] += 1
        tally["acked"] += callback.acked
        tally["repeats"] += max(0, callback.deliveries - 1)
        tally["unacked_stored"] += bool(times) and not callback.acked
        tally["stored"] += bool(times)
        if times > 1:
            twice.append(callback.identity)
        if callback.acked and not times:
            lost.append(callback.identity)
    return CallbackAudit(
        sent=tally["sent"],
        acked=tally["acked"],
        stored=tally["stored"],
        repeats_sent=tally["repeats"],
        unacked_stored=tally["unacked_stored"],
        foreign=max(0, len(streams) - len(seen & streams.keys()) - others),
        lost_count=len(lost),
        lost=tuple(lost[:MAX_LISTED]),
        twice_count=len(twice),
        appended_twice=tuple(twice[:MAX_LISTED]),
    )
