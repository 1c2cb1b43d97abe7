from collections import Counter
from itertools import islice

from loadtests.generators.callback_mix import mixed_callbacks


def take(count, seed=1):
    return list(islice(mixed_callbacks("gh_1", seed, lambda: 1_714_112_445.0), count))


def test_no_two_are_alike():
    callbacks = take(5_000)
    assert len({(each.openid, each.name, each.created, each.key, each.msgid) for each in callbacks}) == 5_000
    assert len({each.xml for each in callbacks}) == 5_000


def test_every_kind_is_there():
    kinds = Counter(each.name or each.type for each in take(2_000))
    assert set(kinds) == {"subscribe", "text", "SCAN", "CLICK", "TEMPLATESENDJOBFINISH"}
    assert min(kinds.values()) > 200


def test_a_seed_repeats_it():
    assert take(500) == take(500)
    assert take(500) != take(500, seed=2)


def test_1_5_messages_have_a_msgid_above_2_to_the_53_and_events_a_key():
    for each in take(500):
        if each.type == "text":
            assert int(each.msgid) > 2**53
            assert not each.key
        elif not each.msgid:
            assert each.key
