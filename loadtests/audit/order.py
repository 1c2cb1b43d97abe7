"""Whether what concerns one person kept its order. It is told, and fails nothing: no order is promised across lanes.

How it works: one thing came before another only if it was answered before the other began; of two that overlapped
nobody can say. So each is held against all that were answered before it began, and it is inverted if one of those
stands behind it. The highest place so far decides that, so a sweep over the sorted times does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from loadtests.audit.identity import Identity, identify
from loadtests.audit.pushes import Job
from loadtests.audit.report import OrderCheck
from loadtests.audit.store_reader import Place
from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.platform.ledger import SendRow


class Span(Struct, frozen=True, gc=False, kw_only=True):
    """One thing that was asked for from `began` to `ended`, and its place in what came of it.

    Those of one `batch` (0: none) came in one request, one after the other.
    """

    began: float
    ended: float
    place: int
    batch: int = 0


def check_line(spans: Sequence[Span]) -> tuple[int, int]:
    """Of one person's spans, batches in their order: how many came after another, how many stand before one of those.

    O(n log n).
    """
    by_end = sorted(spans, key=lambda span: span.ended)
    done, highest, compared, inverted = 0, -1, 0, 0
    in_batch: dict[int, int] = {}
    for span in sorted(spans, key=lambda span: span.began):  # stable: a batch stays in its order
        # Strictly before: what ended in the very moment in which this began may be this itself.
        while done < len(by_end) and by_end[done].ended < span.began:
            highest = max(highest, by_end[done].place)
            done += 1
        before = max(highest, in_batch.get(span.batch, -1)) if span.batch else highest
        if before >= 0:
            compared += 1
            inverted += before > span.place
        if span.batch:
            in_batch[span.batch] = max(in_batch.get(span.batch, -1), span.place)
    return compared, inverted


def check_events(rows: Iterable[SpikeRow], first: Mapping[Identity, Place]) -> OrderCheck:
    """Acknowledged callbacks of one person against their places in the person's stream."""
    lines: defaultdict[tuple[str, int], list[Span]] = defaultdict(list)
    for row in rows:
        place = first.get(identify(row))
        if row.acked and place is not None:
            span = Span(began=row.began, ended=row.ended, place=place.position)
            lines[row.openid, place.shard].append(span)
    people = len({openid for openid, _ in lines})
    return _check(lines.values(), scattered=len(lines) - people)


def check_pushes(rows: Iterable[CampaignRow], jobs: Mapping[str, Job], sends: Iterable[SendRow]) -> OrderCheck:
    """Pushes to one person through one queue (a campaign has one upstream) against the platform's accepting them.

    A push that took several attempts fell behind for a reason; it is left out and counted.
    """
    accepted: dict[str, int] = {}
    for place, send in enumerate(sends):
        if not send.repeat:
            accepted.setdefault(send.client_msg_id, place)
    lines: defaultdict[tuple[str, str], dict[str, Span]] = defaultdict(dict)
    retried = 0
    for row in rows:
        if not row.acked or row.id not in accepted:
            continue
        job = jobs.get(row.id)
        if job is not None and job.attempts > 1:
            retried += 1
            continue
        span = Span(began=row.began, ended=row.ended, place=accepted[row.id], batch=row.batch)
        lines[row.recipient, row.priority].setdefault(row.id, span)
    return _check([list(line.values()) for line in lines.values()], retried=retried)


def _check(lines: Iterable[Sequence[Span]], *, retried: int = 0, scattered: int = 0) -> OrderCheck:
    compared = inverted = 0
    for line in lines:
        of_line = check_line(line)
        compared += of_line[0]
        inverted += of_line[1]
    return OrderCheck(compared=compared, inverted=inverted, retried=retried, scattered=scattered)
