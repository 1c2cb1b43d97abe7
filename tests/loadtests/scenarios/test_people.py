import itertools
from collections import Counter

from loadtests.scenarios.people import People


def people(member=0, run=1_700_000_000_000):
    return People("gh_1", "demo", run=run, member=member, wall=lambda: 1_700_000_000.0)


def identity(callback):
    return callback.openid, callback.type, callback.name, callback.created, callback.key, callback.msgid


def test_no_two_callbacks_are_alike_even_within_one_second_and_among_processes():
    everyone = [
        people(member, run) for member, run in itertools.product(range(3), (1_700_000_000_000, 1_700_000_000_001))
    ]
    callbacks = [each.anything() for each in everyone for _ in range(500)]
    assert len({identity(callback) for callback in callbacks}) == len(callbacks)
    messages = [callback.msgid for callback in callbacks if callback.msgid]
    assert len(set(messages)) == len(messages), "a message's id alone tells it from all others"
    assert all(0 < int(msgid) < 1 << 63 for msgid in messages)


def test_openids_look_like_the_platforms():
    assert {len(people(member, run).follow().openid) for member in (0, 999) for run in (1, 1_799_999_999_999)} == {28}


def test_no_two_pushes_have_the_same_key():
    pushes = [each.push() for each in (people(0), people(1), people(0, run=5)) for _ in range(200)]
    assert len({push.idempotency_key for push in pushes}) == len(pushes)
    assert {push.account for push in pushes} == {"demo"}


def test_a_busy_day_has_callbacks_of_every_kind():
    one = people()
    kinds = Counter(callback.name or callback.type for callback in (one.anything() for _ in range(1_000)))
    assert set(kinds) == {"subscribe", "text", "SCAN", "CLICK", "TEMPLATESENDJOBFINISH"}


def test_the_same_run_and_member_make_the_same_callbacks():
    one, other = people(3), people(3)
    assert [one.anything() for _ in range(50)] == [other.anything() for _ in range(50)]


def test_some_messages_of_a_notice_do_not_arrive():
    one = people()
    statuses = Counter(one.receipt().status for _ in range(1_000))
    assert statuses["success"] > 900
    assert set(statuses) == {"success", "failed:user block", "failed: system failed"}
