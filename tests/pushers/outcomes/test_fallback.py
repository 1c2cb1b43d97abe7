"""Which verdicts lead a push to its next channel, and which never do."""

import random

import pytest
from msgspec import structs

from pushers.channels.registry import CHANNELS
from pushers.errcodes import OFFICIAL
from pushers.outcomes.fallback import next_push, reason_of
from pushers.outcomes.retry_policy import RetryPolicy
from pushers.restraints.window_keeper import CLOSED, USED_UP
from pushers.verdict import judge, unanswered
from queues.push import Fallback
from tests.pushers.makers import claim

TEMPLATE = Fallback("template", b'{"template_id":"T"}', ("window", "refused"))
SMS = Fallback("webhook", b'{"message":{}}', ("window", "refused"))
NOTICE = Fallback("subscribe", b'{"template_id":"N"}', ("rejected",))


def answer(errcode):
    return judge(200, b'{"errcode":%d,"errmsg":"no"}' % errcode)


def pushed(*fallback):
    made = claim(channel="custom", attempts=1)
    return structs.replace(made, push=structs.replace(made.push, fallback=fallback))


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (CLOSED, "window"),
        (USED_UP, "window"),
        (answer(45015), "window"),
        (answer(45047), "window"),
        (answer(43101), "refused"),
        (answer(47003), "rejected"),
        (answer(43004), "refused"),
        (CHANNELS["webhook"].judge(410, b""), "rejected"),
        (CHANNELS["webhook"].judge(429, b""), None),
        (CHANNELS["webhook"].judge(503, b""), None),
        (answer(0), None),
        (answer(-1), None),
        (answer(45009), None),
        (answer(40001), None),
        (unanswered("ReadTimeout"), None),
        (unanswered("HTTP 502"), None),
    ],
)
def test_only_a_definite_no_is_a_reason(verdict, reason):
    assert reason_of(verdict) == reason


def test_the_next_channel_takes_over_with_its_body_and_what_comes_after_it():
    moved = next_push(pushed(TEMPLATE, NOTICE).push, CLOSED)
    assert moved is not None
    assert (moved.channel, moved.body, moved.fallback) == ("template", TEMPLATE.body, (NOTICE,))
    assert moved.id == claim().push.id


def test_channels_that_the_reason_does_not_lead_to_are_passed_over():
    moved = next_push(pushed(TEMPLATE, NOTICE).push, answer(47003))
    assert moved is not None
    assert (moved.channel, moved.fallback) == ("subscribe", ())


def test_a_recipient_that_takes_nothing_from_the_platform_is_left_to_a_webhook_and_to_nothing_else():
    assert next_push(pushed(TEMPLATE).push, answer(43004)) is None
    moved = next_push(pushed(TEMPLATE, SMS).push, answer(43004))
    assert moved is not None
    assert (moved.channel, moved.body, moved.fallback) == ("webhook", SMS.body, ())
    decided = RetryPolicy(8, random.Random(1)).decide(pushed(SMS), answer(43004))
    assert (decided.kind, decided.suppress) == ("move", "recipient"), "the platform is not asked for them again"


def test_without_a_further_channel_the_push_ends_as_ever():
    decided = RetryPolicy(8, random.Random(1)).decide(pushed(), CLOSED)
    assert (decided.kind, decided.next_push) == ("dead", None)


def test_a_repeat_that_could_arrive_twice_is_told_to_the_store():
    decided = RetryPolicy(8, random.Random(1)).decide(pushed(TEMPLATE), CLOSED)
    assert (decided.kind, decided.repeat_safe) == ("move", False)


def test_a_webhooks_receiver_knows_a_repeat_so_its_refusal_moves_the_push_in_any_case():
    made = pushed(NOTICE)
    claimed = structs.replace(made, push=structs.replace(made.push, channel="webhook"))
    decided = RetryPolicy(8, random.Random(1)).decide(claimed, CHANNELS["webhook"].judge(410, b""))
    assert (decided.kind, decided.repeat_safe) == ("move", True)


@pytest.mark.parametrize("code", sorted({*OFFICIAL, 99_999, 0}))
def test_no_code_moves_a_push_that_may_have_been_sent_or_will_be_repeated(code):
    claimed = structs.replace(pushed(TEMPLATE, NOTICE), attempts=7)
    decided = RetryPolicy(8, random.Random(1)).decide(claimed, answer(code))
    if decided.kind == "move":
        assert judge(200, b'{"errcode":%d}' % code).kind in {"dead", "suppressed"}
