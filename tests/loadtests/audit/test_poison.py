"""What the platform never takes must end dead, and its history must say all of it."""

import pytest

from loadtests.audit.poison import audit_poison
from loadtests.audit.pushes import Job, PlatformView, Try
from loadtests.ledgers import CampaignRow
from loadtests.platform.ledger import RefusedRow

BUSY = Try(1.0, -1, "rid-1", "errcode -1: system error")
SILENT = Try(2.0, None, "", "no answer in 2 s")
RISKY = Try(3.0, 87014, "rid-2", "errcode 87014: risky content")
ANSWERS = ("-1", "no_answer", "87014")


def row(poison="refused", *, push_id="0-1", status="queued"):
    return CampaignRow(key=push_id, id=push_id, status=status, recipient="oA", priority="normal", poison=poison)


def dead(*history):
    return Job("dead", error=history[-1].error if history else "x", attempts=len(history), history=history)


def judge(job, answers=ANSWERS, **changes):
    refusals = [RefusedRow(at=1.0, app_id="wx1", answer=answer, client_msg_id="0-1") for answer in answers]
    return audit_poison([row(**changes)], {"0-1": job}, PlatformView(refusals=refusals))


def test_one_that_ended_dead_with_every_try_is_as_it_should_be():
    audit = judge(dead(BUSY, SILENT, RISKY))
    assert (audit.marked, audit.dead, audit.faulty_count) == (1, 1, 0)


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (Job("retrying", error="x", history=(BUSY, SILENT, RISKY)), "it is retrying"),
        (dead(), "its error"),
        (Job("dead", error="another", history=(BUSY, SILENT, RISKY)), "its error"),
        (dead(SILENT, RISKY), "3 tries, of which its history has 2"),
        (dead(RISKY, BUSY, SILENT), "order of time"),
        (dead(BUSY, SILENT, RISKY._replace(rid="")), "without its request id"),
        (dead(BUSY, SILENT, RISKY._replace(errcode=47003)), "a code that the platform gave"),
    ],
)
def test_anything_else_is_told(job, reason):
    audit = judge(job)
    assert audit.dead == 0
    assert reason in audit.faulty[0].reason


def test_of_a_long_life_the_history_keeps_sixteen_tries():
    tries = [BUSY._replace(at=float(number)) for number in range(1, 17)]
    assert judge(dead(*tries), ("-1",) * 40).dead == 1


def test_a_dead_push_that_nobody_marked_is_counted():
    assert judge(dead(BUSY), ("-1",), poison="").healthy_dead == 1


def test_what_was_not_acknowledged_is_left_out():
    assert judge(dead(BUSY), (), status="unanswered").marked == 0
