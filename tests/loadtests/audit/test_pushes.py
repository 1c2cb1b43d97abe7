"""The audit cannot be fooled about pushes."""

import pytest

from loadtests.audit.pushes import Job, PlatformView, audit_pushes
from loadtests.ledgers import CampaignRow
from loadtests.platform.ledger import CallbackRow, SendRow


def row(push_id="0-1", key=None, status="queued"):
    return CampaignRow(key=key or f"key of {push_id}", id=push_id, status=status, recipient="oA", priority="normal")


def send(push_id="0-1", msgid=7, **changes):
    return SendRow(at=1.0, app_id="wx1", openid="oA", client_msg_id=push_id, msgid=msgid, **changes)


def receipt(msgid, status="success", final="acked"):
    return CallbackRow(
        at=1.0, openid="oA", type="event", name="TEMPLATESENDJOBFINISH", created=1, key="", msgid=str(msgid),
        status=status, answers=("200",), final=final,
    )  # fmt: skip


def judge(job, places=(), *, sends=(), callbacks=(), platform=True, complete=True):
    view = PlatformView(sends=sends, callbacks=callbacks, complete=complete) if platform else None
    jobs = {} if job is None else {"0-1": job}
    return audit_pushes([row()], jobs, {"0-1": places} if places else {}, view)


@pytest.mark.parametrize("state", ["queued", "scheduled", "retrying", "parked", "sending"])
def test_a_waiting_push_stands_in_one_place(state):
    audit = judge(Job(state), ["later"])
    assert (audit.lost_count, audit.misplaced_count, audit.states) == (0, 0, {state: 1})


@pytest.mark.parametrize("state", ["queued", "scheduled", "retrying", "parked", "sending"])
def test_a_waiting_push_that_stands_nowhere_is_lost(state):
    [lost] = judge(Job(state)).lost
    assert lost.id == "0-1"
    assert "in no queue" in lost.reason


def test_a_push_in_two_places_is_misplaced():
    assert judge(Job("queued"), ["q:a:template:u:normal", "later"]).misplaced == ("0-1",)
    assert judge(Job("queued"), ["q:a:template:u:normal", "q:a:template:u:normal"]).misplaced == ("0-1",)


def test_a_finished_push_that_still_stands_in_a_queue_is_misplaced():
    assert judge(Job("dead", error="x"), ["later"]).misplaced == ("0-1",)


def test_a_cancelled_push_may_stay_in_its_queue():
    assert judge(Job("cancelled"), ["q:a:template:u:normal"]).misplaced_count == 0


def test_a_push_without_a_job_is_lost():
    assert judge(None).lost[0].reason == "it has no job"


def test_a_push_in_a_state_that_is_none_is_lost():
    assert judge(Job("vanished")).lost_count == 1


def test_a_delivered_push_that_the_platform_never_accepted_is_lost():
    assert "never accepted" in judge(Job("delivered", "7")).lost[0].reason
    assert judge(Job("delivered", "7"), sends=[send()]).lost_count == 0


def test_a_push_that_failed_after_it_was_accepted_must_have_been_and_any_other_need_not():
    assert judge(Job("failed", "7")).lost_count == 1
    assert judge(Job("failed", "")).lost_count == 0
    assert judge(Job("dead", "")).lost_count == 0


def test_a_push_with_another_pushs_msgid_is_lost():
    assert judge(Job("sent", "8"), sends=[send()]).lost_count == 1


def test_without_the_whole_ledger_absence_proves_nothing():
    assert judge(Job("delivered", "7"), complete=False).lost_count == 0
    assert judge(Job("delivered", "7"), platform=False).lost_count == 0


@pytest.mark.parametrize("state", ["suppressed", "expired", "cancelled", "dead"])
def test_a_given_up_push_needs_no_platform(state):
    assert judge(Job(state, error="40003")).lost_count == 0


def test_the_dead_are_listed_by_reason():
    assert judge(Job("dead", error="47003")).dead_reasons == {"47003": 1}


def test_one_id_given_to_two_pushes_is_a_loss():
    audit = audit_pushes(
        [row(key="one"), row(key="two")], {"0-1": Job("delivered", "7")}, {}, PlatformView(sends=[send()])
    )
    assert audit.lost_count == 1


def test_a_repeat_that_was_told_it_is_one_is_no_loss():
    rows = [row(key="one"), row(key="one", status="duplicate")]
    assert audit_pushes(rows, {"0-1": Job("delivered", "7")}, {}, PlatformView(sends=[send()])).lost_count == 0


def test_two_msgids_are_two_acceptances_and_two_successes_two_deliveries():
    sends = [send(msgid=7), send(msgid=8)]
    audit = judge(Job("delivered", "7"), sends=sends, callbacks=[receipt(7), receipt(8, "failed: system failed")])
    assert (audit.accepted_twice, audit.delivered_twice) == (("0-1",), ())
    audit = judge(Job("delivered", "7"), sends=sends, callbacks=[receipt(7), receipt(8)])
    assert audit.delivered_twice == ("0-1",)


def test_a_repeat_that_the_platform_dropped_is_no_second_acceptance():
    audit = judge(Job("delivered", "7"), sends=[send(), send(repeat=True)])
    assert (audit.accepted_twice_count, audit.repeats_dropped, audit.platform_accepted) == (0, 1, 1)


def test_a_push_whose_receipt_was_acknowledged_and_not_matched_is_named():
    assert judge(Job("sent", "7"), sends=[send()], callbacks=[receipt(7)]).unmatched == ("0-1",)
    assert judge(Job("delivered", "7"), sends=[send()], callbacks=[receipt(7)]).unmatched == ()
    assert judge(Job("sent", "7"), sends=[send()], callbacks=[receipt(7, final="dropped")]).unmatched == ()


@pytest.mark.parametrize("status", ["rejected", "unanswered"])
def test_what_was_not_acknowledged_is_not_owed(status):
    audit = audit_pushes([row(push_id="", status=status)], {}, {}, PlatformView())
    assert (audit.acked, audit.lost_count) == (0, 0)
