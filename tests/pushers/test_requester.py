"""What a feeder asks for: what was not used goes back once, and the terms are those of the last lease."""

import pytest

from pushers.allowance import Allowance
from pushers.passage import Passage
from pushers.requester import Requester
from queues.account import Account
from queues.limits.rate import HeldTemplate, Lease


@pytest.fixture
def passage():
    return Passage(10)


@pytest.fixture
def allowance():
    return Allowance()


@pytest.fixture
def requester(passage, allowance):
    return Requester(
        Account(name="city", app_id="wx1", api_base="http://127.0.0.1:1"),
        "template",
        passage,
        allowance,
        claim_seconds=10.0,
        retain_seconds=60.0,
    )


def leased(**said: object) -> Lease:
    return Lease(**{"granted": 1, "wait_seconds": 0.0, "state": "granted", "day": 20_000, "reason": ""} | said)


def test_what_was_not_used_goes_back_once_and_to_the_day_it_was_leased_on(requester, passage, allowance):
    requester.keep(leased(day=20_000))
    allowance.unused, passage.unused = 2, 1
    asked = requester.lease(5)
    assert (asked.wanted, asked.returned, asked.returned_day) == (5, 3, 20_000)
    assert requester.lease(5).returned == 0


def test_what_was_claimed_is_booked_once(requester, passage):
    for priority in ("normal", "high", "bulk"):
        passage.took(priority)
    assert requester.lease(0).ordinary == 2
    assert requester.lease(0).ordinary == 0


def test_before_the_first_lease_nothing_but_high_priority_may_be_taken(requester):
    assert requester.take({0: 1}).terms.ordinary == 0


@pytest.mark.parametrize(("said", "claimed", "left"), [(None, 3, None), (5, 3, 2), (2, 3, 0)])
def test_claims_that_are_not_booked_yet_count_against_the_days_ordinary_pushes(requester, passage, said, claimed, left):
    for _ in range(claimed):
        passage.took("normal")
    requester.keep(leased(ordinary=said))
    assert requester.take({0: 1}).terms.ordinary == left


def test_a_template_that_rests_is_tried_by_one_take_that_takes_anything(requester):
    requester.keep(leased(held=(HeldTemplate("T1", 30.0, probe=True), HeldTemplate("T2", 30.0, probe=False))))
    tries = [[each.probe for each in requester.take(counts).terms.held] for counts in ({}, {0: 1}, {0: 1})]
    assert tries == [[True, False], [True, False], [False, False]]
