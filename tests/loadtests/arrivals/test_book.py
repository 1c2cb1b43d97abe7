from functools import partial

import pytest

from loadtests.arrivals.book import Book, Retries
from loadtests.platform.callbacks import event

CALLBACKS = [event("gh_1", f"o{number}", 1, "CLICK", key="k") for number in range(3)]
about = partial(pytest.approx, abs=2e-6)  # histograms keep whole microseconds


def book(deliveries=3):
    return Book([0.0, 1.0, 2.0], Retries(deliveries, pause=0.5))


def test_latency_counts_from_when_an_arrival_was_due():
    account = book()
    account.begin(1, 1.4)
    assert account.end(1, "200", accepted=True, written=1.4, now=1.5) is None
    [row] = account.rows(CALLBACKS)
    assert row.latency == about(0.5)
    assert (row.began, row.ended) == (1.4, 1.5)
    assert account.acked_latency.max == about(0.5)
    assert account.from_write.max == about(0.1)
    assert account.lag.max == about(0.4)


def test_1_4_after_silence_the_next_delivery_comes_at_once():
    account = book()
    account.begin(0, 0)
    assert account.end(0, "timeout", accepted=False, written=0, now=5) == 5


@pytest.mark.parametrize("word", ["503", "lost", "refused", "invalid"])
def test_after_any_other_failure_it_comes_after_the_pause(word):
    account = book()
    account.begin(0, 0)
    assert account.end(0, word, accepted=False, written=0, now=1) == 1.5


def test_1_4_after_three_deliveries_it_is_given_up():
    account = book()
    account.begin(0, 0)
    for now in (5, 10):
        assert account.end(0, "timeout", accepted=False, written=now - 5, now=now) is not None
    assert account.end(0, "timeout", accepted=False, written=10, now=15) is None
    assert (account.acked, account.failed, account.ended) == (0, 1, 1)
    [row] = account.rows(CALLBACKS)
    assert (row.acked, row.answers, row.latency) == (False, ("timeout",) * 3, 0)
    assert account.failed_latency.max == 15


def test_an_acknowledged_repeat_counts_from_the_first_due_time():
    account = book()
    account.begin(1, 1)
    account.end(1, "timeout", accepted=False, written=1, now=6)
    account.repeat()
    account.end(1, "200", accepted=True, written=6, now=6.1)
    [row] = account.rows(CALLBACKS)
    assert (row.acked, row.answers) == (True, ("timeout", "200"))
    assert row.latency == about(5.1)
    assert (account.acked, account.failed, account.repeats) == (1, 0, 1)


def test_what_was_skipped_is_counted_and_was_never_sent():
    account = book()
    account.skip(0, 0.2)
    assert (account.skipped, account.begun, account.ended) == (1, 0, 1)
    assert account.lag.max == about(0.2)
    assert account.rows(CALLBACKS) == []


def test_a_repeat_that_was_skipped_ends_its_callback_as_failed():
    account = book()
    account.begin(0, 0)
    account.end(0, "503", accepted=False, written=0, now=1)
    account.skip_repeat(0, 1.5)
    assert (account.failed, account.repeats, account.repeats_skipped, account.ended) == (1, 0, 1, 1)
    [row] = account.rows(CALLBACKS)
    assert row.answers == ("503",)


def test_answers_are_counted_by_their_word():
    account = book()
    for number, word in enumerate(("200", "503", "503")):
        account.begin(number, 3)
        account.end(number, word, accepted=word == "200", written=3, now=4)
    assert account.words == {"200": 1, "503": 2}
