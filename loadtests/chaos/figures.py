"""What a run came to, as figures that a scenario may expect something of: those of any run, and its faults' own."""

from collections.abc import Iterable, Mapping

from loadtests.audit.report import LimitAudit
from loadtests.chaos.evidence import Evidence, Figure, longest_wait
from loadtests.chaos.faults.fault import Fault


def _sent_twice(evidence: Evidence) -> int:
    pushes = evidence.rehearsed.report.pushes
    return pushes.repeats_dropped + pushes.accepted_twice_count


def _sent_twice_unexplained(evidence: Evidence) -> int:
    return max(0, _sent_twice(evidence) - sum(each.in_flight for each in evidence.happenings))


def _limit_exceeded_by(evidence: Evidence) -> int | None:
    def beyond(limit: LimitAudit) -> int:
        return max(0, limit.peak - limit.window_limit)

    return max(map(beyond, evidence.rehearsed.report.limits), default=None)


def _rate_used(evidence: Evidence) -> float | None:
    sends, limit = evidence.sends, evidence.per_second
    steady = [at for at in sends if sends[0] + 1 <= at < sends[-1] - 1]
    if len(steady) < limit or not limit:
        return None
    return round((len(steady) - 1) / (steady[-1] - steady[0]) / limit, 4)


def _back(evidence: Evidence) -> list[float]:
    """When the store, or `serve`, was back each time."""
    return [
        each.healed
        for each in evidence.happenings
        if each.healed and (each.target in {"store", "serve"} or each.fault == "restart")
    ]


def _back_while_called(evidence: Evidence) -> list[float]:
    """Those of them after which a callback still ended: a fault may come again when only pushes are left."""
    spike = evidence.rehearsed.spike
    last = max((spike.began + row.ended for row in spike.rows), default=0)
    return [back for back in _back(evidence) if back <= last]


def _answers(evidence: Evidence) -> list[str]:
    return [answer for row in evidence.rehearsed.spike.rows for answer in row.answers]


_OF_ANY_RUN: Mapping[str, Figure] = {
    "lost": Figure(
        "acknowledged callbacks, receipts and pushes that are gone", lambda evidence: evidence.rehearsed.report.lost
    ),
    "appended_twice": Figure(
        "events that stand in the streams twice", lambda evidence: evidence.rehearsed.report.appended_twice
    ),
    "delivered_twice": Figure(
        "pushes that reached the person twice", lambda evidence: evidence.rehearsed.report.pushes.delivered_twice_count
    ),
    "misplaced": Figure(
        "pushes that stand where their state says they should not",
        lambda evidence: evidence.rehearsed.report.pushes.misplaced_count,
    ),
    "waiting": Figure(
        "pushes and events still in the store when the time to drain was up", lambda evidence: evidence.waiting
    ),
    "unmatched": Figure(
        "pushes still `sent` although their receipt was acknowledged",
        lambda evidence: evidence.rehearsed.report.pushes.unmatched_count,
    ),
    "sent_twice": Figure(
        "sends that the platform had already taken, dropped by it for their client_msg_id or not", _sent_twice
    ),
    "sent_twice_unexplained": Figure(
        "those beyond what was claimed when pushers were killed or frozen", _sent_twice_unexplained
    ),
    "limit_windows_over": Figure(
        "windows of one second in which more was sent than the limit allows",
        lambda evidence: sum(limit.windows_over for limit in evidence.rehearsed.report.limits),
    ),
    "limit_exceeded_by": Figure(
        "how much more than the limit the fullest window of one second saw, nothing allowed for", _limit_exceeded_by
    ),
    "rate_used": Figure("the share of the limit that was used, but for the first and the last second", _rate_used),
    "serving_again_seconds": Figure(
        "from the store (or `serve`) being back to the next acknowledged callback, the longest",
        lambda evidence: longest_wait(_back_while_called(evidence), evidence.acks),
    ),
    "sending_again_seconds": Figure(
        "the same to the next push that the platform took",
        lambda evidence: longest_wait(_back(evidence), evidence.sends),
    ),
    "failed_requests": Figure(
        "deliveries of callbacks that were not answered 200",
        lambda evidence: sum(answer != "200" for answer in _answers(evidence)),
    ),
    "cut_requests": Figure(
        "deliveries of callbacks whose connection ended without an answer",
        lambda evidence: _answers(evidence).count("lost"),
    ),
    "callbacks_unacked": Figure(
        "callbacks that none of three deliveries got through",
        lambda evidence: sum(not row.acked for row in evidence.rehearsed.spike.rows),
    ),
    "memory_peak_megabytes": Figure(
        "the most that one worker occupied", lambda evidence: round(evidence.memory_peak_megabytes, 1)
    ),
    "store_connections": Figure(
        "connections the store took during the run", lambda evidence: evidence.store_connections
    ),
    "poison_dead": Figure(
        "pushes that the platform never takes, and that ended dead with their whole history",
        lambda evidence: evidence.rehearsed.report.poison.dead,
    ),
    "poison_faulty": Figure(
        "those of which something else became", lambda evidence: evidence.rehearsed.report.poison.faulty_count
    ),
    "healthy_dead": Figure(
        "dead pushes that the platform would have taken",
        lambda evidence: evidence.rehearsed.report.poison.healthy_dead,
    ),
    "ledger_ahead": Figure(
        "what our ledgers say was spent less the platform's own count of it, in the end",
        lambda evidence: evidence.ledger_ahead,
    ),
    "tokens_handed_out": Figure("access tokens that the platform gave away", lambda evidence: evidence.tokens),
    "leaked": Figure(
        "secrets, access tokens and recipients that stand in the logs, each as often as it does",
        # A log that is not there proves nothing.
        lambda evidence: sum(evidence.leaks.values()) if evidence.log_lines else None,
    ),
    "log_lines": Figure("lines of log that `serve` and its workers wrote", lambda evidence: evidence.log_lines),
    "tracebacks": Figure("tracebacks in the logs", lambda evidence: evidence.tracebacks),
    "lost_batches_told": Figure(
        "confirmed batches that Tidegate itself says are gone (`tidegate_store_lost_batches_total`)",
        lambda evidence: evidence.lost_batches_told,
    ),
    "committed": Figure("faults committed", lambda evidence: sum(not each.note for each in evidence.happenings)),
    "missed": Figure(
        "faults that found nothing to break", lambda evidence: sum(bool(each.note) for each in evidence.happenings)
    ),
}


def figures_of(faults: Iterable[Fault]) -> dict[str, Figure]:
    """The figures of a run with these faults."""
    return {**_OF_ANY_RUN, **{name: figure for fault in faults for name, figure in fault.figures.items()}}


def measure(evidence: Evidence, figures: Mapping[str, Figure]) -> dict[str, float | None]:
    """What each figure comes to."""
    return {name: figure.of(evidence) for name, figure in figures.items()}
