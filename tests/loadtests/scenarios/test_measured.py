import msgspec
import pytest

from loadtests.audit.report import AuditReport, CallbackAudit
from loadtests.scenarios.catalog import find, plan
from loadtests.scenarios.measured import (
    FORGERY_TAKEN,
    HELD_OPEN,
    LAG,
    OUTCOMES,
    Measured,
    why_failed,
    why_void,
)

PLAN = plan(find("callback_spike"), scale=0.01)
GOOD = Measured(requests=800, began=750, p50=0.01, p99=0.1, lag_p99=0.02)


def test_a_generator_that_kept_up_is_believed():
    assert why_void(PLAN, GOOD) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cpu_warning": True}, "ran out of processor"),
        ({"lag_p99": 0.4}, "woke up 0.40 s late"),
        ({"began": 500}, "500 of 750 arrivals"),
    ],
)
def test_a_generator_that_did_not_keep_up_says_so(changes, reason):
    [said] = why_void(PLAN, msgspec.structs.replace(GOOD, **changes))
    assert reason in said


def test_a_clean_run_did_not_fail():
    assert why_failed(GOOD, 750, AuditReport()) == []
    assert why_failed(GOOD, 750, None) == []


def test_an_acknowledged_loss_a_forgery_and_an_open_slow_client_are_failures():
    measured = msgspec.structs.replace(GOOD, outcomes={FORGERY_TAKEN: 2, HELD_OPEN: 3})
    reasons = why_failed(measured, 750, AuditReport(callbacks=CallbackAudit(lost_count=1)))
    assert [word for reason in reasons for word in ("forged", "held open", "1 lost") if word in reason] == [
        "forged",
        "held open",
        "1 lost",
    ]


def test_a_run_that_was_acknowledged_nothing_did_not_pass():
    [reason] = why_failed(GOOD, 0, AuditReport())
    assert "token" in reason


def test_every_outcome_is_explained():
    assert LAG in OUTCOMES
    assert all(OUTCOMES.values())
