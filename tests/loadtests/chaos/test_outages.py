"""How sends fare in an outage, from the platform's own rows."""

import pytest

from loadtests.audit.pushes import PlatformView
from loadtests.chaos.outages import full_rate_again, repeats_share, tries_without_quota
from loadtests.platform.ledger import RefusedRow, SendRow


def sent(at: float, push: str) -> SendRow:
    return SendRow(at=at, app_id="wx", openid="o", client_msg_id=push, msgid=1)


def refused(at: float, push: str) -> RefusedRow:
    return RefusedRow(at=at, app_id="wx", answer="-1", client_msg_id=push)


def test_only_repeats_within_an_outage_count():
    platform = PlatformView(
        sends=[sent(0, "a"), sent(9, "b")],
        refusals=[refused(2, "b"), refused(3, "c"), refused(4, "b"), refused(5, "d")],
    )
    assert repeats_share(platform, [(1, 6)]) == 0.25
    assert repeats_share(platform, [(6, 8)]) is None


def test_the_rate_is_full_when_nine_tenths_of_it_come_in_two_seconds():
    slow, fast = [n / 5 for n in range(50)], [10 + n / 10 for n in range(100)]
    assert full_rate_again([*slow, *fast], [2.0], 10) == pytest.approx(7.7, abs=0.2)
    assert full_rate_again(slow, [2.0], 10) is None


def test_a_spent_quota_costs_the_sends_that_try_it_until_one_is_taken():
    platform = PlatformView(
        sends=[sent(9, "a"), sent(31, "c"), sent(31.1, "d")],
        refusals=[refused(10.5, "b"), refused(20, "c"), refused(30.5, "c")],
    )
    assert tries_without_quota(platform, [(10, 30)]) == 3, "those under way when it began are not in vain for long"
    assert tries_without_quota(platform, []) is None
