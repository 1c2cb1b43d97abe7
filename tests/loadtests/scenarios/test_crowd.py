import itertools
from collections import Counter

from loadtests.scenarios.crowd import Crowd


def crowd(member=0, run=1_700_000_000_000):
    return Crowd("gh_1", "demo", run=run, member=member, wall=lambda: 1_700_000_000.0)


def identity(callback):
    return callback.openid, callback.type, callback.name, callback.created, callback.key, callback.msgid


def test_no_two_callbacks_are_alike_even_within_one_second_and_among_processes():
    crowds = [crowd(member, run) for member, run in itertools.product(range(3), (1_700_000_000_000, 1_700_000_000_001))]
    callbacks = [each.anything() for each in crowds for _ in range(500)]
    assert len({identity(callback) for callback in callbacks}) == len(callbacks)
    messages = [callback.msgid for callback in callbacks if callback.msgid]
    assert len(set(messages)) == len(messages), "a message's id alone tells it from all others"
    assert all(0 < int(msgid) < 1 << 63 for msgid in messages)


def test_openids_look_like_the_platforms():
    assert {len(crowd(member, run).follow().openid) for member in (0, 999) for run in (1, 1_799_999_999_999)} == {28}


def test_no_two_pushes_have_the_same_key():
    pushes = [each.push() for each in (crowd(0), crowd(1), crowd(0, run=5)) for _ in range(200)]
    assert len({push.idempotency_key for push in pushes}) == len(pushes)
    assert {push.account for push in pushes} == {"demo"}


def test_a_busy_day_has_callbacks_of_every_kind():
    one = crowd()
    kinds = Counter(callback.name or callback.type for callback in (one.anything() for _ in range(1_000)))
    assert set(kinds) == {"subscribe", "text", "SCAN", "CLICK", "TEMPLATESENDJOBFINISH"}


def test_the_same_run_and_member_make_the_same_callbacks():
    one, other = crowd(3), crowd(3)
    assert [one.anything() for _ in range(50)] == [other.anything() for _ in range(50)]


def test_some_messages_of_a_notice_do_not_arrive():
    one = crowd()
    statuses = Counter(one.receipt().status for _ in range(1_000))
    assert statuses["success"] > 900
    assert set(statuses) == {"success", "failed:user block", "failed: system failed"}
