"""Fact sheet §1.4, MarkFail."""

from loadtests.platform.mark_fail import MarkFail


def test_1_4_thirty_failures_in_five_minutes_mute_for_a_minute():
    mark_fail = MarkFail()
    for second in range(29):
        mark_fail.failed(second)
    assert not mark_fail.muted(28)
    mark_fail.failed(29)
    assert mark_fail.muted(29)
    assert mark_fail.muted(88.9)
    assert not mark_fail.muted(89)
    assert mark_fail.times_muted == 1


def test_failures_further_apart_do_not_mute():
    mark_fail = MarkFail(failures=3, window=10)
    for moment in (0, 5, 10, 15, 20):
        mark_fail.failed(moment)
        assert not mark_fail.muted(moment)


def test_after_the_minute_it_counts_from_nothing():
    mark_fail = MarkFail(failures=2, window=100, seconds=60)
    mark_fail.failed(0)
    mark_fail.failed(1)
    mark_fail.failed(62)
    assert not mark_fail.muted(62)
    mark_fail.failed(63)
    assert mark_fail.muted(63)


def test_it_can_be_switched_off():
    mark_fail = MarkFail(failures=0)
    for moment in range(1000):
        mark_fail.failed(moment)
    assert not mark_fail.muted(1000)
