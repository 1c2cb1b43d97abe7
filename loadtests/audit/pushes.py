"""Acknowledged pushes against the jobs, the places where ids wait, and the platform's own ledger.

How it works: every acknowledged id must have a job. A finished job ends the matter; a job that waits must have its id
in exactly one place (a queue, the claims, or later), since an id that is nowhere will never be sent, whatever its job
says, and one in two places may be sent twice. And where a job says that the platform accepted it, the platform's
ledger must agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from loadtests.audit.report import MAX_LISTED, LostPush, PushAudit
from loadtests.ledgers import CampaignRow
from loadtests.platform.ledger import CallbackRow, RefusedRow, SendRow

IN_A_PLACE = frozenset({"queued", "scheduled", "retrying", "parked", "sending"})
FINISHED = frozenset({"delivered", "failed", "suppressed", "expired", "cancelled", "dead"})
_KNOWN = IN_A_PLACE | FINISHED | {"sent"}


class Try(NamedTuple):
    """One try as a push's history tells it: seconds since the epoch, and what the platform said; None: no code."""

    at: float
    errcode: int | None
    rid: str
    error: str


class Job(Struct, frozen=True, gc=False):
    """A push's job as the store has it; `attempts` counts the sends it took so far, `history` those not accepted."""

    state: str
    msgid: str = ""
    error: str = ""
    attempts: int = 0
    history: tuple[Try, ...] = ()


class PlatformView(Struct, frozen=True, kw_only=True):
    """The platform's ledger. `complete` is false if it forgot some rows, and then it proves no absence."""

    sends: Sequence[SendRow] = ()
    refusals: Sequence[RefusedRow] = ()
    callbacks: Sequence[CallbackRow] = ()
    complete: bool = True


def audit_pushes(
    campaign: Iterable[CampaignRow],
    jobs: Mapping[str, Job],
    places: Mapping[str, Sequence[str]],
    platform: PlatformView | None = None,
) -> PushAudit:
    """Judge each acknowledged push. `places` names where each waiting id stands; `platform` None skips that side."""
    msgids = _accepted(platform.sends if platform else ())
    calls = platform.callbacks if platform else ()
    findings = _Findings({call.msgid for call in calls if call.status and call.final == "acked"})
    for row in campaign:
        findings.tally["enqueued"] += 1
        findings.tally[row.status] += 1
        if row.acked:
            given = msgids.get(row.id, {}) if platform and platform.complete else None
            findings.judge(row, jobs.get(row.id), places.get(row.id, ()), given)
    twice = [push_id for push_id, given in msgids.items() if len(given) > 1]
    delivered_twice = _delivered_twice(twice, msgids, calls)
    return PushAudit(
        enqueued=findings.tally["enqueued"],
        acked=findings.tally["acked"],
        rejected=findings.tally["rejected"],
        unanswered=findings.tally["unanswered"],
        states=dict(findings.states),
        dead_reasons=dict(findings.dead),
        platform_accepted=sum(len(given) for given in msgids.values()),
        repeats_dropped=sum(row.repeat for row in platform.sends) if platform else 0,
        accepted_twice_count=len(twice),
        accepted_twice=tuple(twice[:MAX_LISTED]),
        delivered_twice_count=len(delivered_twice),
        delivered_twice=tuple(delivered_twice[:MAX_LISTED]),
        unmatched_count=len(findings.unmatched),
        unmatched=tuple(findings.unmatched[:MAX_LISTED]),
        misplaced_count=len(findings.misplaced),
        misplaced=tuple(findings.misplaced[:MAX_LISTED]),
        lost_count=len(findings.lost),
        lost=tuple(findings.lost[:MAX_LISTED]),
    )


class _Findings:
    """What was found so far; `told` are the msgids whose receipts the gateway acknowledged."""

    def __init__(self, told: Collection[str]) -> None:
        self._told = told
        self._owners: dict[str, str] = {}
        self.tally: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.dead: Counter[str] = Counter()
        self.lost: list[LostPush] = []
        self.misplaced: list[str] = []
        self.unmatched: list[str] = []

    def judge(self, row: CampaignRow, job: Job | None, places: Sequence[str], given: Mapping[str, int] | None) -> None:
        """One acknowledged push; `given` are the msgids the platform gave it, None if that is not known."""
        self.tally["acked"] += 1
        if self._owners.setdefault(row.id, row.key) != row.key:
            self.lost.append(LostPush(row.id, "its id was given to another push too"))
            return
        reason = _why_lost(job, places)
        if job is not None and not reason and given is not None:
            reason = _disputed(job, given)
        if job is None or reason:
            self.lost.append(LostPush(row.id, reason))
            return
        self.states[job.state] += 1
        if job.state == "dead":
            self.dead[job.error] += 1
        if stranded(job, places):
            self.misplaced.append(row.id)
        if job.state == "sent" and job.msgid in self._told:
            self.unmatched.append(row.id)


def stranded(job: Job | None, places: Sequence[str]) -> bool:
    """Whether an id does not stand where its job's state says; while work goes on, look twice.

    A waiting one must stand in one place, any other in none. One that was cancelled or expired may stay in its queue,
    where it is dropped when its turn comes.
    """
    if job is None or job.state in {"cancelled", "expired"}:
        return False
    return len(places) != (job.state in IN_A_PLACE)


def _why_lost(job: Job | None, places: Sequence[str]) -> str:
    if job is None:
        return "it has no job"
    if job.state not in _KNOWN:
        return f"its state {job.state!r} is none"
    if job.state in IN_A_PLACE and not places:
        return f"it is {job.state} and in no queue, claim or later"
    return ""


def _disputed(job: Job, given: Mapping[str, int]) -> str:
    if job.state not in {"sent", "delivered"} and not (job.state == "failed" and job.msgid):
        return ""
    if not given:
        return f"it is {job.state}, and the platform never accepted it"
    if job.msgid and job.msgid not in given:
        return f"it is {job.state} with a msgid the platform did not give it"
    return ""


def _accepted(sends: Iterable[SendRow]) -> dict[str, dict[str, int]]:
    """The msgids given to each client_msg_id, with how often."""
    accepted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in sends:
        if row.client_msg_id:
            given = accepted[row.client_msg_id]
            msgid = str(row.msgid)
            given[msgid] = given.get(msgid, 0) + 1
    return accepted


def _delivered_twice(
    candidates: Iterable[str], msgids: Mapping[str, Mapping[str, int]], callbacks: Iterable[CallbackRow]
) -> list[str]:
    """Those of the candidates of which two messages reached the person."""
    owner = {msgid: push_id for push_id in candidates for msgid in msgids[push_id]}
    if not owner:
        return []
    delivered: defaultdict[str, set[str]] = defaultdict(set)
    for row in callbacks:
        if row.status == "success" and row.msgid in owner:
            delivered[owner[row.msgid]].add(row.msgid)
    return [push_id for push_id, reached in delivered.items() if len(reached) > 1]
