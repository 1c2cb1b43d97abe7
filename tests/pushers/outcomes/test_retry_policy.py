"""When a push is sent again, and when it is given up."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.outcomes.retry_policy import RetryPolicy
from pushers.verdict import Verdict, unanswered
from queues.attempt import Attempt
from tests.pushers.makers import claim


def policy(seed: int = 0) -> RetryPolicy:
    return RetryPolicy(8, random.Random(seed))


@given(st.integers(0, 20), st.integers())
def test_a_push_that_keeps_failing_ends_after_its_attempts(attempts, seed):
    outcome = policy(seed).decide(claim(attempts=attempts), unanswered("ReadTimeout"))
    assert outcome.kind == ("dead" if attempts + 1 >= 8 else "retry")
    assert outcome.error == "ReadTimeout"


class Unlucky(random.Random):
    """Waits as long as it may."""

    def uniform(self, _least, most):
        return most


def test_all_repeats_together_stay_within_the_platforms_memory_of_the_message_id():
    patient = RetryPolicy(8, Unlucky())
    waits = [patient.decide(claim(attempts=n), unanswered("ReadTimeout")).delay_seconds for n in range(7)]
    assert sum(waits) < 600


def test_a_verdict_may_say_how_long_to_wait():
    outcome = policy().decide(claim(), Verdict(kind="retry", errcode=43117, seconds=180))
    assert outcome.kind == "retry"
    assert 180 <= outcome.delay_seconds <= 198


@pytest.mark.parametrize(("attempts", "kind"), [(0, "retry"), (1, "dead")])
def test_a_code_nobody_knows_is_repeated_once(attempts, kind):
    verdict = Verdict(kind="dead", errcode=99999, seconds=60, repeats=1, error="errcode 99999")
    outcome = policy().decide(claim(attempts=attempts), verdict)
    assert outcome.kind == kind
    assert outcome.attempt is not None
    assert outcome.attempt.verdict == kind, "the history tells what became of it"
    assert kind == "dead" or outcome.delay_seconds >= 60


def test_what_must_wait_comes_back_each_at_a_moment_of_its_own():
    for verdict in (Verdict(kind="retry", errcode=43117, seconds=180), Verdict(kind="park", errcode=45009)):
        waits = {policy(seed).decide(claim(), verdict, 300.0).delay_seconds for seed in range(20)}
        assert len(waits) == 20


@pytest.mark.parametrize(
    ("repeats", "attempts", "kind"),
    [(3, 0, "retry"), (3, 2, "retry"), (3, 3, "dead"), (100, 6, "retry"), (100, 7, "dead")],
)
def test_a_code_may_bound_its_repeats_within_what_all_have(repeats, attempts, kind):
    verdict = Verdict(kind="retry", errcode=-1, repeats=repeats)
    assert policy().decide(claim(attempts=attempts), verdict).kind == kind


@pytest.mark.parametrize("kind", ["park", "stop"])
def test_what_is_the_accounts_fault_costs_the_push_no_attempt(kind):
    outcome = policy().decide(claim(attempts=7), Verdict(kind=kind, errcode=45009, error="e"), 300.0)
    assert outcome.kind == "park"
    assert 10 <= outcome.delay_seconds <= 11, "then it waits in its queue, and goes on when its account does"


def test_a_quota_rests_until_it_turns_and_a_stop_as_long_as_it_says():
    noon = 1_714_104_000.0  # 2024-04-26 12:00 in Shanghai
    assert 43_500 <= policy().hold_seconds(Verdict(kind="park", quota="day"), noon) <= 43_800
    assert policy().hold_seconds(Verdict(kind="stop", seconds=300), noon) == 300


def test_what_was_not_simply_sent_goes_into_the_history():
    verdict = Verdict(kind="park", errcode=45009, rid="6630c9ed-1f", error="errcode 45009: quota")
    assert policy().decide(claim(), verdict, 300.0).attempt == Attempt(
        verdict="park", errcode=45009, rid="6630c9ed-1f", error="errcode 45009: quota"
    )
    assert policy().decide(claim(), Verdict(kind="sent", errcode=0, msgid="7")).attempt is None


def test_a_try_that_nobody_heard_of_is_told_from_one_that_failed():
    unheard, refused = (policy().decide(claim(), unanswered("e", unknown=unknown)).attempt for unknown in (True, False))
    assert unheard is not None
    assert refused is not None
    assert (unheard.verdict, refused.verdict) == ("unknown", "retry")


def test_what_else_the_platform_said_is_kept():
    verdict = Verdict(kind="sent", errcode=0, msgid="7", detail=b'{"invaliduser":"o1"}')
    assert policy().decide(claim(), verdict).detail == verdict.detail


@pytest.mark.parametrize(
    ("channel", "follows"),
    [("template", True), ("subscribe", True), ("mass", True), ("custom", False), ("wecom", False), ("webhook", False)],
)
def test_the_channel_says_whether_a_receipt_follows(channel, follows):
    sent = policy().decide(claim(channel=channel), Verdict(kind="sent", errcode=0, msgid="7"))
    assert sent.receipt_follows is follows


def test_final_verdicts_are_final():
    sent = policy().decide(claim(), Verdict(kind="sent", errcode=0, msgid="7"))
    gone = policy().decide(claim(), Verdict(kind="suppressed", scope="recipient", errcode=43004, error="gone"))
    dead = policy().decide(claim(), Verdict(kind="dead", errcode=47003, error="wrong"))
    assert (sent.kind, sent.msgid) == ("sent", "7")
    assert (gone.kind, gone.error, gone.suppress) == ("suppressed", "gone", "recipient")
    assert (dead.kind, dead.error) == ("dead", "wrong")
    assert dead.claim == claim()


def test_a_refusal_of_one_template_names_it_so_that_others_still_go_out():
    refused = Verdict(kind="suppressed", scope="recipient+template", errcode=43101, error="refused")
    outcome = policy().decide(claim(), refused)
    assert (outcome.kind, outcome.suppress, outcome.template) == ("suppressed", "template", "T")


def test_what_concerns_one_message_marks_nobody():
    outcome = policy().decide(claim(), Verdict(kind="suppressed", scope="push", errcode=45015))
    assert (outcome.kind, outcome.suppress) == ("suppressed", "")
