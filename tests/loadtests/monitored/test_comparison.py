"""What is compared: each counter with what was found by identity."""

from loadtests.audit.pushes import PlatformView
from loadtests.audit.report import AuditReport, CallbackAudit, PushAudit
from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.monitored.comparison import Found, compare
from loadtests.platform.ledger import RefusedRow, SendRow

SPIKE = SpikeRow(
    openid="o1",
    type="event",
    name="SCAN",
    created=1,
    key="",
    msgid="",
    acked=True,
    answers=("503", "200", "200"),
    latency=0.1,
)
PUSH = CampaignRow(key="k", id="0-1", status="queued", recipient="o1", priority="high")
SEND = SendRow(at=1, app_id="wx", openid="o1", client_msg_id="0-1", msgid=7)
FOUND = Found(
    report=AuditReport(callbacks=CallbackAudit(stored=1), pushes=PushAudit(states={"delivered": 1, "dead": 2})),
    spike=[SPIKE],
    campaign=[PUSH],
    platform=PlatformView(sends=[SEND], refusals=[RefusedRow(at=1, app_id="wx", answer="-1")]),
)


def found(query: str) -> int:
    [number] = [each.found for each in compare(FOUND, lambda _: 0) if each.query == query]
    return number


def test_a_repeat_that_was_answered_well_is_a_duplicate_and_one_that_was_not_is_neither():
    assert found('tidegate_callbacks_total{result="accepted"}') == 1
    assert found('tidegate_callbacks_total{result="duplicate"}') == 1
    assert found('tidegate_callbacks_total{result!~"accepted|duplicate"}') == 1


def test_a_refused_send_is_an_attempt_that_was_not_sent():
    assert found("tidegate_push_attempts_total") == 2
    assert found('tidegate_push_attempts_total{verdict="sent"}') == 1


def test_dead_pushes_are_all_that_may_still_stand_in_a_queue():
    assert found("tidegate_queue_depth") == 2


def test_a_counter_that_is_off_by_one_is_not_equal():
    [each] = [each for each in compare(FOUND, lambda _: 3) if each.query == "tidegate_push_attempts_total"]
    assert (each.counted, each.found, each.equal) == (3, 2, False)
    assert all(each.equal for each in compare(FOUND, found))
