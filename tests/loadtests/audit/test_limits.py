"""The audit finds every send too many."""

import pytest

from loadtests.audit.limits import Limits, audit_limits
from loadtests.platform.ledger import RefusedRow, SendRow

NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Beijing
MIDNIGHT = NOON + 12 * 3_600


def sent(at, app_id="wx1"):
    return SendRow(at=at, app_id=app_id, openid="oA", client_msg_id="0-1", msgid=1)


def steady(seconds, per_second, begin=NOON):
    return [sent(begin + number / per_second) for number in range(seconds * per_second)]


def judge(rows, **limits):
    [audit] = audit_limits(rows, Limits(**limits))
    return audit


def test_a_steady_pace_at_the_limit_keeps_it():
    audit = judge(steady(5, 100), per_second=100)
    assert (audit.kept, audit.peak, audit.sends) == (True, 100, 500)


def test_one_send_too_many_anywhere_is_found_and_its_window_named():
    rows = [*steady(5, 100), sent(NOON + 3.205)]
    audit = judge(rows, per_second=100)
    assert (audit.kept, audit.peak) == (False, 101)
    assert audit.peak_at <= NOON + 3.205 < audit.peak_at + 1
    assert audit.windows_over == 101  # those that begin 2.21 … 3.20, and with the one itself


def test_a_burst_across_a_second_of_the_clock_is_found():
    """Each second of the clock has 100; the second across their border has 200."""
    rows = [sent(NOON + 0.9 + number / 1000) for number in range(100)]
    rows += [sent(NOON + 1.0 + number / 1000) for number in range(100)]
    assert judge(rows, per_second=100).peak == 200


def test_the_order_of_the_ledger_does_not_matter():
    rows = steady(3, 50)
    assert judge(rows[::-1], per_second=50) == judge(rows, per_second=50)


def test_refused_sends_and_repeats_are_sends_too():
    rows = [sent(NOON), RefusedRow(at=NOON, app_id="wx1", answer="-1"), sent(NOON)]
    assert judge(rows, per_second=2).windows_over


def test_accounts_have_limits_of_their_own():
    first, second = audit_limits([*steady(1, 60), *[sent(NOON, "wx2")] * 120], Limits(per_second=100))
    assert (first.app_id, first.kept) == ("wx1", True)
    assert (second.app_id, second.kept) == ("wx2", False)


def test_nothing_is_allowed_beyond_the_limit_unless_it_is_said():
    rows = [*steady(2, 100), sent(NOON + 1)]
    assert not judge(rows, per_second=100).kept
    allowed = judge(rows, per_second=100, on_the_way=1)
    assert (allowed.kept, allowed.window_limit, allowed.allowance, allowed.peak) == (True, 100, 1, 101)
    assert not judge([*rows, sent(NOON + 1)], per_second=100, on_the_way=1).kept


def test_less_than_one_a_second_is_one_in_a_longer_window():
    audit = judge([sent(NOON), sent(NOON + 4.0)], per_second=0.25)
    assert (audit.kept, audit.window_seconds, audit.window_limit) == (True, 4, 1)
    assert not judge([sent(NOON), sent(NOON + 3.9)], per_second=0.25).kept


def test_a_day_too_full_is_found():
    rows = [sent(MIDNIGHT - 1 - number) for number in range(11)]
    audit = judge(rows, per_day=10)
    assert (audit.kept, audit.days_over, audit.busiest_day, audit.busiest_day_sends) == (False, 1, "2024-04-26", 11)


def test_sends_on_both_sides_of_midnight_in_beijing_are_of_two_days():
    rows = [sent(MIDNIGHT - 1)] * 10 + [sent(MIDNIGHT)] * 10
    assert judge(rows, per_day=10).kept


@pytest.mark.parametrize("limits", [{}, {"per_second": 0, "per_day": 0}])
def test_no_limit_is_none(limits):
    assert judge([sent(NOON)] * 1_000, **limits).kept


def test_without_sends_there_is_nothing_to_hold():
    assert audit_limits([], Limits(per_second=1)) == ()
