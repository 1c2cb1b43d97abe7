"""What Prometheus counted beside what the audit found; after a run that lost no answer they are equal."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from loadtests.audit.pushes import FINISHED, PlatformView
from loadtests.audit.report import AuditReport
from loadtests.ledgers import CampaignRow, SpikeRow

_SUCCESS = "200"


class Compared(Struct, frozen=True):
    """One counter: the query, what it says, and what was found by identity."""

    query: str
    counted: float
    found: int

    @property
    def equal(self) -> bool:
        return self.counted == self.found


class Found(Struct, frozen=True, kw_only=True):
    """Everything the audit's sides know of a run."""

    report: AuditReport
    spike: Sequence[SpikeRow]
    campaign: Sequence[CampaignRow]
    platform: PlatformView


def compare(found: Found, total: Callable[[str], float]) -> list[Compared]:
    """`total` gives the sum of a query's series."""
    return [Compared(query, total(query), number) for query, number in _expected(found)]


def _expected(found: Found) -> Iterator[tuple[str, int]]:
    report = found.report
    answers = [answer for row in found.spike for answer in row.answers]
    answers += [answer for row in found.platform.callbacks for answer in row.answers]
    stored = report.callbacks.stored + report.receipts.stored
    yield 'tidegate_callbacks_total{result="accepted"}', stored
    yield 'tidegate_callbacks_total{result="duplicate"}', answers.count(_SUCCESS) - stored
    yield 'tidegate_callbacks_total{result!~"accepted|duplicate"}', len(answers) - answers.count(_SUCCESS)
    yield "tidegate_callback_seconds_count", answers.count(_SUCCESS)
    yield "tidegate_events_dispatched_total", stored
    for status in ("queued", "scheduled", "duplicate", "rejected"):
        items = sum(row.status == status for row in found.campaign)
        yield f'tidegate_pushes_accepted_total{{result="{status}"}}', items
    sends, refusals = len(found.platform.sends), len(found.platform.refusals)
    yield 'tidegate_push_attempts_total{verdict="sent"}', sends
    yield "tidegate_push_attempts_total", sends + refusals
    yield 'tidegate_push_errcodes_total{errcode="0"}', sends
    for state in sorted(FINISHED):
        yield f'tidegate_pushes_finished_total{{state="{state}"}}', report.pushes.count(state)
    yield "tidegate_push_delivery_seconds_count", report.pushes.count("delivered", "failed")
    yield "tidegate_queue_depth", report.pushes.count("dead")
    yield "tidegate_queue_pending", 0
