"""One code, two meanings: the recipient's, or the account's when everybody has it."""

from pushers.crowd import RECIPIENTS, WITHIN_SECONDS, Crowd
from pushers.verdict import Verdict

LIMITED = Verdict(kind="suppressed", scope="recipient or account", errcode=50002, error="errcode 50002: user limited")


def test_a_few_recipients_are_the_recipients_trouble():
    crowd = Crowd()
    assert all(crowd.judge(LIMITED, f"oUSER{n}", n) is LIMITED for n in range(RECIPIENTS - 1))


def test_many_within_a_minute_are_the_accounts():
    crowd = Crowd()
    verdicts = [crowd.judge(LIMITED, f"oUSER{n}", n) for n in range(RECIPIENTS)]
    assert (verdicts[-1].kind, verdicts[-1].scope, verdicts[-1].errcode) == ("stop", "account", 50002)


def test_many_over_a_day_are_not():
    crowd = Crowd()
    assert all(crowd.judge(LIMITED, f"oUSER{n}", n * WITHIN_SECONDS).kind == "suppressed" for n in range(100))


def test_one_recipient_again_and_again_is_one():
    crowd = Crowd()
    assert all(crowd.judge(LIMITED, "oUSER0", 0.0).kind == "suppressed" for _ in range(100))


def test_other_codes_pass():
    other = Verdict(kind="dead", errcode=47003)
    assert Crowd().judge(other, "oUSER0", 0.0) is other
