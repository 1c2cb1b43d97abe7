"""What a run came to, as figures that a scenario may expect something of."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from loadtests.audit.pushes import PlatformView
from loadtests.bench.figures import percentile
from loadtests.chaos.outages import full_rate_again, repeats_share, tries_without_quota
from loadtests.chaos.scene import Happening
from loadtests.rehearsal import Rehearsed

FIGURES = {
    "lost": "acknowledged callbacks, receipts and pushes that are gone",
    "appended_twice": "events that stand in the streams twice",
    "delivered_twice": "pushes that reached the person twice",
    "misplaced": "pushes that stand where their state says they should not",
    "waiting": "pushes and events still in the store when the time to drain was up",
    "unmatched": "pushes still `sent` although their receipt was acknowledged",
    "sent_twice": "sends that the platform had already taken, dropped by it for their client_msg_id or not",
    "sent_twice_unexplained": "those beyond what was claimed when pushers were killed or frozen",
    "sent_after_takeover": "sends by a pusher that went on after another had sent the same push meanwhile",
    "takeover_p99_seconds": "from a pusher's death until another sends what it had claimed: 99 % at most so long",
    "token_again_seconds": "from a refresher's death to the next push that the platform took, the longest",
    "limit_windows_over": "windows of one second in which more was sent than the limit allows",
    "limit_exceeded_by": "how much more than the limit the fullest window of one second saw, nothing allowed for",
    "rate_used": "the share of the limit that was used, but for the first and the last second",
    "serving_again_seconds": "from the store (or `serve`) being back to the next acknowledged callback, the longest",
    "sending_again_seconds": "the same to the next push that the platform took",
    "failed_requests": "deliveries of callbacks that were not answered 200",
    "cut_requests": "deliveries of callbacks whose connection ended without an answer",
    "callbacks_unacked": "callbacks that none of three deliveries got through",
    "acked_while_frozen": "acknowledged while the store was frozen",
    "memory_peak_megabytes": "the most that one worker occupied",
    "store_connections": "connections the store took during the run",
    "drained_seconds": "the longest from SIGTERM to the end of `serve`",
    "cut_bytes": "bytes of the append-only file that a power loss took",
    "repeats_while_down_share": "of the sends in the platform's outages, those that it had seen before",
    "full_rate_again_seconds": "from the platform's healing to nine tenths of the rate being used, the longest",
    "poison_dead": "pushes that the platform never takes, and that ended dead with their whole history",
    "poison_faulty": "those of which something else became",
    "healthy_dead": "dead pushes that the platform would have taken",
    "quota_tries": "sends from two seconds after a quota was spent until the platform took one again, that one too",
    "ledger_ahead": "our ledger of the day less the platform's own count of it, in the end",
    "tokens_handed_out": "access tokens that the platform gave away",
    "leaked": "secrets, access tokens and recipients that stand in the logs, each as often as it does",
    "log_lines": "lines of log that `serve` and its workers wrote",
    "tracebacks": "tracebacks in the logs",
    "reloaded": "reloads after which the new account was served",
    "hostile_sent": "hostile requests sent",
    "hostile_accepted": "those of them answered 2xx",
    "hostile_other": "those neither accepted nor refused as they should be, or not answered at all",
    "held_open_seconds": "the longest that a connection without a whole request was left open",
    "crowd_opened": "connections that a crowd opened",
    "crowded_p99_ratio": "p99 of callbacks begun while a crowd was there, as a multiple of that before it",
    "small_p99_seconds": "p99 of what small senders wait for beside a neighbour",
    "small_p99_ratio": "the same as a multiple of their p99 alone",
    "small_missing": "pushes of small senders that were refused, or not sent in time",
    "flood_refused": "requests of a flooding upstream that were told to wait",
    "flood_offered": "callbacks a second that a flood offered",
    "flood_goodput": "callbacks of a flood acknowledged a second, in its best ones",
    "flood_goodput_share": "the mean of a flood's seconds as a share of its best ones",
    "flood_p99_seconds": "p99 of a flood's acknowledged callbacks, from when they were due",
    "flood_slowest_seconds": "the slowest of them",
    "recovered_seconds": "from a flood's end to the last callback that was refused or took over half a second",
    "failed_over_seconds": "the longest from a primary's death until a replica had its place",
    "lost_batches_told": "confirmed batches that Tidegate itself says are gone (`tidegate_store_lost_batches_total`)",
    "committed": "faults committed",
    "missed": "faults that found nothing to break",
}

_SLOW_SECONDS = 0.5
"""An answer that had to queue, on a store that may itself be slow."""

_LIVING_SECONDS = 1.0
"""Longer than a living pusher keeps a claim before it sends, and shorter than any claim."""

_SETTLING_SECONDS = 0.1
"""After SIGSTOP: answers the store had already given are still being passed on."""


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything a run left. `wall_offset` is wall-clock time less trio's; `waiting` the backlog at the end."""

    rehearsed: Rehearsed
    happenings: Sequence[Happening]
    platform: PlatformView
    wall_offset: float
    waiting: int
    memory_peak_megabytes: float
    store_connections: float | None
    tokens: int
    ledger_ahead: int | None = None
    leaks: Mapping[str, int]
    log_lines: int
    tracebacks: int = 0
    lost_batches_told: float | None = None


def measure(evidence: Evidence) -> dict[str, float | None]:
    """Each of FIGURES; None where there was nothing to measure."""
    report, spike = evidence.rehearsed.report, evidence.rehearsed.spike
    pushes = report.pushes
    sent_twice = pushes.repeats_dropped + pushes.accepted_twice_count
    in_flight = sum(each.in_flight for each in evidence.happenings)
    answers = Counter(answer for row in spike.rows for answer in row.answers)
    outages = [each.healed for each in evidence.happenings if each.healed and _took_service(each)]
    troubles = [each for each in evidence.happenings if each.fault == "platform" and each.healed > each.began]
    acks = sorted(spike.began + row.ended for row in spike.rows if row.acked)
    sends = sorted(row.at - evidence.wall_offset for row in evidence.platform.sends)
    return {
        "lost": report.lost,
        "appended_twice": report.appended_twice,
        "delivered_twice": pushes.delivered_twice_count,
        "misplaced": pushes.misplaced_count,
        "waiting": evidence.waiting,
        "unmatched": pushes.unmatched_count,
        "sent_twice": sent_twice,
        "sent_twice_unexplained": max(0, sent_twice - in_flight),
        "sent_after_takeover": _sent_after_takeover(evidence),
        "takeover_p99_seconds": _takeover_p99(evidence),
        "token_again_seconds": _longest_wait(
            [each.began for each in evidence.happenings if "refreshing" in each.target and not each.note], sends
        ),
        "limit_windows_over": sum(limit.windows_over for limit in report.limits),
        "limit_exceeded_by": max((max(0, limit.peak - limit.window_limit) for limit in report.limits), default=None),
        "rate_used": _rate_used(sends, max((limit.window_limit for limit in report.limits), default=0)),
        "serving_again_seconds": _longest_wait(outages, acks),
        "sending_again_seconds": _longest_wait(outages, sends),
        "failed_requests": sum(count for answer, count in answers.items() if answer != "200"),
        "cut_requests": answers["lost"],
        "callbacks_unacked": sum(not row.acked for row in spike.rows),
        "acked_while_frozen": _acked_while_frozen(evidence),
        "memory_peak_megabytes": round(evidence.memory_peak_megabytes, 1),
        "store_connections": evidence.store_connections,
        "drained_seconds": max(_measured(evidence, "drained_seconds"), default=None),
        "cut_bytes": sum(_measured(evidence, "cut_bytes")),
        "repeats_while_down_share": repeats_share(
            evidence.platform,
            [(each.began + evidence.wall_offset, each.healed + evidence.wall_offset) for each in troubles],
        ),
        "full_rate_again_seconds": full_rate_again(
            sends, [each.healed for each in troubles], max((limit.window_limit for limit in report.limits), default=0)
        ),
        "poison_dead": report.poison.dead,
        "poison_faulty": report.poison.faulty_count,
        "healthy_dead": report.poison.healthy_dead,
        "quota_tries": tries_without_quota(
            evidence.platform,
            [
                (each.began + evidence.wall_offset, each.healed + evidence.wall_offset)
                for each in troubles
                if each.target == "no_quota"
            ],
        ),
        "ledger_ahead": evidence.ledger_ahead,
        "tokens_handed_out": evidence.tokens,
        # A log that is not there proves nothing.
        "leaked": sum(evidence.leaks.values()) if evidence.log_lines else None,
        "log_lines": evidence.log_lines,
        "tracebacks": evidence.tracebacks,
        "reloaded": sum(_measured(evidence, "reloaded")),
        "hostile_sent": sum(_measured(evidence, "hostile_sent")),
        "hostile_accepted": sum(_measured(evidence, "hostile_accepted")),
        "hostile_other": sum(_measured(evidence, "hostile_other")),
        "held_open_seconds": max(_measured(evidence, "held_open_seconds"), default=None),
        "crowd_opened": sum(_measured(evidence, "crowd_opened")),
        "crowded_p99_ratio": _crowded_p99_ratio(evidence),
        "small_p99_seconds": max(_measured(evidence, "small_p99_seconds"), default=None),
        "small_p99_ratio": max(_measured(evidence, "small_p99_ratio"), default=None),
        "small_missing": sum(_measured(evidence, "small_missing")),
        "flood_refused": sum(_measured(evidence, "flood_refused")),
        "flood_offered": max(_measured(evidence, "flood_offered"), default=None),
        "flood_goodput": max(_measured(evidence, "flood_goodput"), default=None),
        "flood_goodput_share": min(_measured(evidence, "flood_goodput_share"), default=None),
        "flood_p99_seconds": max(_measured(evidence, "flood_p99_seconds"), default=None),
        "flood_slowest_seconds": max(_measured(evidence, "flood_slowest_seconds"), default=None),
        "recovered_seconds": _recovered_seconds(evidence),
        "failed_over_seconds": max(_measured(evidence, "failed_over_seconds"), default=None),
        "lost_batches_told": evidence.lost_batches_told,
        "committed": sum(not each.note for each in evidence.happenings),
        "missed": sum(bool(each.note) for each in evidence.happenings),
    }


def _rate_used(sends: Sequence[float], limit: int) -> float | None:
    steady = [at for at in sends if sends[0] + 1 <= at < sends[-1] - 1] if sends else []
    if len(steady) < limit or not limit:
        return None
    return round((len(steady) - 1) / (steady[-1] - steady[0]) / limit, 4)


def _took_service(happening: Happening) -> bool:
    return happening.target in {"store", "serve"} or happening.fault == "restart"


def _longest_wait(since: Iterable[float], events: Sequence[float]) -> float | None:
    """The longest from a time to the first event after it; None without a time, or with one nothing came after."""
    waits = []
    for time in since:
        after = next((event for event in events if event >= time), None)
        if after is None:
            return None
        waits.append(after - time)
    return round(max(waits), 3) if waits else None


def _acked_while_frozen(evidence: Evidence) -> float:
    frozen = [
        (each.began + _SETTLING_SECONDS, each.healed)
        for each in evidence.happenings
        if (each.fault, each.target) == ("freeze", "store")
    ]
    rehearsed = evidence.rehearsed
    acks = [rehearsed.spike.began + row.ended for row in rehearsed.spike.rows if row.acked]
    acks += [rehearsed.campaign.began + row.ended for row in rehearsed.campaign.rows if row.acked]
    return sum(begin < ack < end for ack in acks for begin, end in frozen)


def _sent_after_takeover(evidence: Evidence) -> float:
    """A push first sent while a pusher was frozen was sent by another; a second send after that is the frozen one's."""
    frozen = [
        (each.began + evidence.wall_offset, each.healed + evidence.wall_offset)
        for each in evidence.happenings
        if each.fault == "freeze" and each.target.startswith("pusher")
    ]
    times: defaultdict[str, list[float]] = defaultdict(list)
    for row in evidence.platform.sends:
        times[row.client_msg_id].append(row.at)
    return sum(
        any(begin < min(sent) < end <= max(sent) for begin, end in frozen) for sent in times.values() if len(sent) > 1
    )


def _crowded_p99_ratio(evidence: Evidence) -> float | None:
    crowds = [each for each in evidence.happenings if each.fault == "crowd"]
    if not crowds:
        return None
    spike = evidence.rehearsed.spike
    began, healed = crowds[0].began - spike.began, crowds[0].healed - spike.began
    acked = [row for row in spike.rows if row.acked]
    before = percentile(sorted(row.latency for row in acked if row.began < began), 0.99)
    meanwhile = percentile(sorted(row.latency for row in acked if began <= row.began < healed), 0.99)
    return round(meanwhile / before, 2) if before and meanwhile else None


def _recovered_seconds(evidence: Evidence) -> float | None:
    floods = [each.healed for each in evidence.happenings if each.fault == "flood"]
    if not floods:
        return None
    spike = evidence.rehearsed.spike
    end = max(floods) - spike.began
    late = [row.ended for row in spike.rows if row.began >= end and (row.latency > _SLOW_SECONDS or not row.acked)]
    return round(max(late) - end, 2) if late else 0.0


def _takeover_p99(evidence: Evidence) -> float | None:
    """What was claimed at a death and is sent later than the living take was the dead one's.

    What the platform refused about then is not: the living settled it, and it comes back in its own time.
    """
    times: defaultdict[str, list[float]] = defaultdict(list)
    for row in evidence.platform.sends:
        times[row.client_msg_id].append(row.at - evidence.wall_offset)
    waits = []
    for death in evidence.happenings:
        if death.fault == "kill" and death.target.startswith("pusher"):
            later = death.began + _LIVING_SECONDS
            refused = {
                row.client_msg_id
                for row in evidence.platform.refusals
                if abs(row.at - evidence.wall_offset - death.began) < _LIVING_SECONDS
            }
            left = death.claims - refused
            taken_over = (min((at for at in times[push_id] if at > later), default=None) for push_id in left)
            waits += [at - death.began for at in taken_over if at is not None]
    waits.sort()
    return round(waits[math.ceil(0.99 * len(waits)) - 1], 3) if waits else None


def _measured(evidence: Evidence, name: str) -> list[float]:
    return [each.measured[name] for each in evidence.happenings if name in each.measured]
