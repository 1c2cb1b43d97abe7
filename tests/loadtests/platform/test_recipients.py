import pytest

from loadtests.platform.recipients import Recipients


def test_a_fixed_share_does_not_follow_and_always_the_same_people():
    people = [f"oPerson{number}" for number in range(10_000)]
    first, again = Recipients(0.2, seed=3), Recipients(0.2, seed=3)
    away = [person for person in people if not first.follows(person)]
    assert len(away) == pytest.approx(2000, rel=0.1)
    assert away == [person for person in people if not again.follows(person)]


def test_nobody_is_away_by_default_and_an_event_changes_that():
    recipients = Recipients(0, seed=1)
    assert recipients.follows("oA")
    recipients.set_follows("oA", follows=False)
    assert not recipients.follows("oA")
    recipients.set_follows("oA", follows=True)
    assert recipients.follows("oA")
