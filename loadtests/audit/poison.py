"""Pushes that the platform never takes, whatever its health: each must end dead, and say what became of every try.

The platform's own rows of a push are held against its history: each refusal must stand there with its time, its errcode
and the request id to ask the platform about; each send without an answer as a try without a code.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from loadtests.audit.pushes import Job, PlatformView, Try
from loadtests.audit.report import MAX_LISTED, LostPush, PoisonAudit
from loadtests.ledgers import CampaignRow

REMEMBERED = 16
"""Tries a history keeps: the first, and the last ones."""


def audit_poison(
    campaign: Iterable[CampaignRow], jobs: Mapping[str, Job], platform: PlatformView | None = None
) -> PoisonAudit:
    """Judge each acknowledged push that was marked, and count those that died unmarked."""
    answers: defaultdict[str, list[str]] = defaultdict(list)
    for refusal in platform.refusals if platform else ():
        answers[refusal.client_msg_id].append(refusal.answer)
    marked = whole = healthy_dead = 0
    faulty: list[LostPush] = []
    for row in campaign:
        job = jobs.get(row.id)
        if not row.acked or job is None:
            continue  # what has no job is lost, and that is told elsewhere
        if not row.poison:
            healthy_dead += job.state == "dead"
            continue
        marked += 1
        if reason := _fault(job, answers[row.id]):
            faulty.append(LostPush(row.id, reason))
        else:
            whole += 1
    return PoisonAudit(
        marked=marked,
        dead=whole,
        healthy_dead=healthy_dead,
        faulty_count=len(faulty),
        faulty=tuple(faulty[:MAX_LISTED]),
    )


def _fault(job: Job, answers: Sequence[str]) -> str:
    """What is wrong with how such a push ended, given what the platform answered it; empty if nothing is."""
    if job.state != "dead":
        return f"it is {job.state}"
    if not job.error or not job.history or job.history[-1].error != job.error:
        return "its error is not that of its last try"
    return _gap(job.history, answers)


def _gap(tries: Sequence[Try], answers: Sequence[str]) -> str:
    """What is wrong with a history; empty if nothing is."""
    if len(tries) < min(len(answers), REMEMBERED):
        return f"{len(answers)} tries, of which its history has {len(tries)}"
    if not tries[0].at or any(later.at < earlier.at for earlier, later in pairwise(tries)):
        return "its history is not in the order of time"
    if any((each.errcode is None) == bool(each.rid) for each in tries):
        return "a refusal without its request id, or the other way round"
    told = Counter(str(each.errcode) for each in tries if each.errcode is not None)
    if len(answers) <= REMEMBERED and Counter(filter(_is_code, answers)) - told:
        return "a code that the platform gave is not in its history"
    return ""


def _is_code(answer: str) -> bool:
    return answer.lstrip("-").isdigit()
