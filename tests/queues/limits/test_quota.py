"""What a day's ledgers and holds say of one push."""

import pytest

from queues.limits.holds import Hold
from queues.limits.quota import Ledger, Quota

NOW, MIDNIGHT = 1_777_593_600.0, 1_777_651_200.0  # 08:00 and 24:00 in Beijing


def ledger(spent: int, ordinary: int) -> Ledger:
    return Ledger(api="template", limit=100, reserved=20, spent=spent, ordinary=ordinary, per_second=0, told=None)


def hold(scope: str, api: str, template: str, seconds: float) -> Hold:
    return Hold(scope=scope, api=api, template=template, kind="parked", reason="errcode 45009", seconds=seconds)


def rests_until(*holds: Hold, spent: int = 0, ordinary: int = 0, high: bool = False) -> float:
    quota = Quota(now=NOW, day_began=MIDNIGHT - 86_400, ledgers=[ledger(spent, ordinary)], holds=holds)
    return quota.rests_until("template", "T", high=high)


ELSEWHERE = [
    hold("api", "custom", "", 600),
    hold("template", "template", "U", 600),
    hold("template", "subscribe", "T", 600),
]


@pytest.mark.parametrize(
    ("scope", "api", "template"), [("account", "", ""), ("api", "template", ""), ("template", "template", "T")]
)
def test_a_push_rests_with_its_account_its_api_and_its_template(scope, api, template):
    assert rests_until(hold(scope, api, template, 60), *ELSEWHERE) == NOW + 60


def test_the_longest_of_several_holds_counts():
    assert rests_until(hold("template", "template", "T", 60), hold("api", "template", "", 90)) == NOW + 90


def test_a_hold_that_waits_to_be_tried_has_no_time():
    assert rests_until(hold("api", "template", "", 0)) == 0


@pytest.mark.parametrize(
    ("spent", "ordinary", "high", "until"),
    [
        (99, 79, False, 0),
        (80, 80, False, MIDNIGHT),  # the rest is reserved
        (80, 80, True, 0),
        (100, 70, False, MIDNIGHT),
        (100, 70, True, MIDNIGHT),
    ],
)
def test_what_is_used_up_comes_back_at_midnight(spent, ordinary, high, until):
    assert rests_until(spent=spent, ordinary=ordinary, high=high) == until
