"""Admission: who is refused, when, and for how long; first rule by rule, then against a server of known capacity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import (
    CALLBACKS,
    FULL,
    STEPS,
    THRESHOLD_SECONDS,
    WINDOW_SECONDS,
    Admission,
    Rank,
)
from tests.gateway.overloaded_server import LARGEST_BATCH, Outcome, Phase, run

KEY = b"a secret of this process"
BATCH = 256
BATCHES_A_WINDOW = 20
PEOPLE = [b"person %d" % number for number in range(4000)]

ranks = st.sampled_from(Rank)
users = st.sampled_from(PEOPLE)


def admission() -> Admission:
    return Admission(BATCH, KEY)


def overload(subject: Admission, start: float, *, windows: int, waited: float, waiting: int = 0) -> float:
    """Let windows pass, each with arrivals of all ranks and 20 batches whose items waited; the time after."""
    now = start
    for _ in range(windows):
        for number, person in enumerate(PEOPLE[:300]):
            subject.admits(Rank(number % 3), person, now)
        for _ in range(BATCHES_A_WINDOW):
            now += WINDOW_SECONDS / BATCHES_A_WINDOW
            subject.observe(waited, now, begun=BATCH, waiting=waiting)
    return now


def pushed_to_the_callbacks() -> tuple[Admission, float]:
    """One whose level has just taken the last push."""
    subject = admission()
    now = 0.0
    while subject.level > CALLBACKS:
        now = overload(subject, now, windows=1, waited=1.0)
    return subject, now


@given(st.lists(st.tuples(ranks, users, st.floats(0, 10), st.floats(0, THRESHOLD_SECONDS), st.integers(0, 10**6))))
def test_nobody_is_refused_while_waits_are_below_the_threshold(steps: list[tuple[Rank, bytes, float, float, int]]):
    subject, now = admission(), 0.0
    for rank, user, later, waited, waiting in steps:
        now += later
        subject.observe(waited, now, begun=10, waiting=waiting)
        assert subject.admits(rank, user, now)
    assert subject.level == FULL


@given(
    st.lists(st.tuples(ranks, users, st.floats(0, 0.5), st.floats(0, 3), st.integers(0, 20_000)), max_size=120),
    users,
    users,
)
def test_whoever_is_refused_nobody_of_a_lower_rank_is_admitted(
    steps: list[tuple[Rank, bytes, float, float, int]], important: bytes, other: bytes
):
    subject, now = admission(), 0.0
    for rank, user, later, waited, waiting in steps:
        now += later
        subject.observe(waited, now, begun=BATCH, waiting=waiting)
        subject.admits(rank, user, now)
        for higher, lower in ((Rank.USER, Rank.RECEIPT), (Rank.RECEIPT, Rank.PUSH)):
            if not subject.admits(higher, important, now):
                assert not subject.admits(lower, other, now)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 64)), max_size=30))
def test_pushes_alone_are_refused_while_callbacks_can_be_appended_in_time(steps: list[tuple[float, int]]):
    """However long they waited: what counts is what the next one has to expect."""
    subject, now = admission(), 0.0
    for waited, arrivals in steps:
        for person in PEOPLE[:arrivals]:
            assert subject.admits(Rank.RECEIPT, person, now)
        now += WINDOW_SECONDS
        subject.observe(waited, now, begun=1, waiting=0)
        assert subject.level >= CALLBACKS


def test_a_cut_takes_five_percent_of_what_was_admitted():
    subject = admission()
    subject.observe(1.0, 0.0)  # no longer calm: arrivals are counted from here
    admitted = [person for person in PEOPLE[:1900] if subject.admits(Rank.PUSH, person, 0.5)]
    assert len(admitted) == 1900
    subject.observe(1.0, 1.0)
    kept = sum(subject.admits(Rank.PUSH, person, 1.5) for person in PEOPLE[:1900])
    assert 0.92 * 1900 <= kept <= 0.95 * 1900  # a step of the hash holds about 15 of them


def test_growth_gives_one_percent_back():
    subject, now = admission(), 0.0
    now = overload(subject, now, windows=10, waited=1.0)
    now = overload(subject, now, windows=1, waited=0.06)  # 50 ms is a batch, 10 ms are queuing
    cut = subject.level
    overload(subject, now, windows=1, waited=0.06)
    assert cut < subject.level <= cut + 6  # 3 of 300, less than one a step


def test_a_window_ends_early_when_many_arrive():
    subject = admission()
    subject.observe(1.0, 0.0)
    for person in PEOPLE[:2000]:
        subject.admits(Rank.PUSH, person, 0.1)
    subject.observe(1.0, 0.1)
    assert subject.level < FULL


def test_callbacks_follow_when_those_that_wait_cannot_be_appended_in_time():
    subject, now = pushed_to_the_callbacks()
    now = overload(subject, now, windows=3, waited=1.0, waiting=0)
    assert subject.level == CALLBACKS  # they waited long, and nobody waits any more
    overload(subject, now, windows=3, waited=1.0, waiting=BATCH * 20)
    assert subject.level < CALLBACKS


def test_what_would_wait_too_long_is_refused_at_once_receipts_before_messages():
    subject = admission()
    for batch in range(8):
        subject.observe(0.1, batch * 0.05, begun=BATCH, waiting=0)  # 50 ms a batch
    subject.observe(0.1, 0.4, begun=BATCH, waiting=BATCH * 15)  # 750 ms to write
    assert subject.admits(Rank.RECEIPT, b"a", 0.4)
    assert not subject.admits(Rank.PUSH, b"a", 0.4)
    subject.observe(0.1, 0.45, begun=BATCH, waiting=BATCH * 17)
    assert subject.admits(Rank.USER, b"a", 0.45)
    assert not subject.admits(Rank.RECEIPT, b"a", 0.45)


def test_what_exceeds_a_bursts_bound_is_a_flood_and_has_less_until_nothing_queues():
    subject = admission()
    for batch in range(8):
        subject.observe(0.1, batch * 0.05, begun=BATCH, waiting=0)
    subject.observe(0.1, 0.4, begun=BATCH, waiting=BATCH * 10)  # half a second
    assert subject.admits(Rank.USER, b"a", 0.4)
    subject.observe(0.1, 0.45, begun=BATCH, waiting=BATCH * 19)
    assert not subject.admits(Rank.USER, b"a", 0.45)
    subject.observe(0.1, 0.5, begun=BATCH, waiting=BATCH * 10)
    assert not subject.admits(Rank.USER, b"a", 0.5)
    for batch in range(30):
        subject.observe(0.05, 0.55 + batch * 0.05, begun=BATCH, waiting=0)
    subject.observe(0.1, 2.05, begun=BATCH, waiting=BATCH * 10)
    assert subject.admits(Rank.USER, b"a", 2.05)


def test_a_slow_store_without_a_queue_is_no_overload():
    """Each arrival waits for the batch before its own, 200 ms of them, and no longer."""
    subject = admission()
    for batch in range(100):
        subject.observe(0.1, batch * 0.2, begun=20, waiting=0)
        assert subject.admits(Rank.PUSH, b"upstream", batch * 0.2 + 0.1)
    assert subject.level == FULL


def test_one_stall_of_the_store_refuses_no_callback():
    subject = admission()
    for batch in range(10):
        subject.observe(0.005, batch * 0.01, begun=BATCH)
    subject.observe(0.5, 0.6, begun=BATCH, waiting=2000)  # stood still for half a second at 4,000 a second
    assert subject.admits(Rank.RECEIPT, b"a", 0.6)


def test_callbacks_are_all_admitted_again_after_one_window_without_a_queue():
    subject, now = pushed_to_the_callbacks()
    now = overload(subject, now, windows=10, waited=1.0, waiting=BATCH * 20)
    subject.observe(1.0, now + WINDOW_SECONDS, waiting=BATCH * 20)  # ends the last window of the overload
    assert subject.level < CALLBACKS
    subject.observe(0.01, now + 2 * WINDOW_SECONDS)
    assert subject.level >= CALLBACKS


def test_after_a_silence_everyone_is_admitted_again():
    subject, now = pushed_to_the_callbacks()
    overload(subject, now, windows=10, waited=1.0, waiting=BATCH * 20)
    assert subject.admits(Rank.PUSH, b"upstream", now + 60)
    assert subject.level == FULL


def refused_at(subject: Admission, now: float) -> set[bytes]:
    """Whose pushes half a rank would refuse."""
    return {person for person in PEOPLE if subject._position(Rank.PUSH, person, now) >= CALLBACKS + STEPS // 2}


def test_the_same_users_are_refused_for_an_hour_and_others_after_it():
    subject = admission()
    first = refused_at(subject, now=100)
    assert refused_at(subject, now=3599) == first
    assert 0.35 < len(first & refused_at(subject, now=3600)) / len(first) < 0.65


def test_who_is_refused_cannot_be_told_without_the_key():
    mine = {person: Admission(BATCH, KEY)._position(Rank.USER, person, 0) for person in PEOPLE[:500]}
    theirs = {person: Admission(BATCH, b"guessed")._position(Rank.USER, person, 0) for person in PEOPLE[:500]}
    assert sum(mine[person] == theirs[person] for person in mine) < 30


# Against a server of known capacity: the whole of R9, without a machine's noise.

FLOOD_SECONDS = 60.0


@pytest.fixture(scope="module")
def flood() -> Outcome:
    """Ten times the capacity, then a third of it."""
    return run(admission=Admission(LARGEST_BATCH, KEY), phases=[Phase(10, FLOOD_SECONDS), Phase(0.3, 6)])


def test_a_tenfold_flood_does_not_lower_the_goodput(flood: Outcome):
    for second in range(int(FLOOD_SECONDS)):
        assert flood.goodput(second, second + 1) >= 0.9


def test_whoever_is_admitted_in_a_flood_is_answered_soon(flood: Outcome):
    assert flood.answer_seconds(0.99) <= 0.5
    assert flood.answer_seconds(1 - 1e-9) < 1.5
    assert flood.gave_up == 0


def test_receipts_are_refused_before_messages_in_a_flood(flood: Outcome):
    messages, receipts = flood.admitted[Rank.USER], flood.admitted[Rank.RECEIPT]
    assert receipts < 0.2 * messages  # they are seven of ten that arrive


def test_queuing_is_over_and_nobody_refused_five_seconds_after_a_flood(flood: Outcome):
    after = FLOOD_SECONDS + 5
    assert flood.longest_wait(after, after + 1) < THRESHOLD_SECONDS + 0.02  # and the one batch each waits for
    late = run(Admission(LARGEST_BATCH, KEY), [Phase(10, 2), Phase(0.3, 5), Phase(0.3, 2)])
    assert late.goodput(7, 9) == pytest.approx(0.3, rel=0.15)


@pytest.mark.parametrize("load", [1.2, 2.0])
def test_any_overload_converges(load: float):
    outcome = run(Admission(LARGEST_BATCH, KEY), [Phase(load, 60)])
    assert outcome.goodput(2, 60) >= 0.95
    assert outcome.answer_seconds(0.99) <= 0.9  # the queue grows slowly, and is a burst's for its first seconds
    assert outcome.answer_seconds(0.5) <= 0.5
    assert outcome.refused[Rank.USER] == 0


def test_a_burst_over_many_connections_is_answered_whole_however_slow_the_server():
    """A closed loop: the next request of a connection comes when its last was answered, two thirds of a second late."""
    subject = admission()
    subject.observe(0.0, 0.0, begun=1, waiting=0)
    for batch in range(200):
        now = 0.05 * (batch + 1)
        subject.observe(0.65, now, begun=BATCH, waiting=BATCH * 13)
        assert all(subject.admits(Rank.RECEIPT, person, now) for person in PEOPLE[:BATCH])


def test_a_load_below_the_capacity_is_never_refused():
    outcome = run(Admission(LARGEST_BATCH, KEY), [Phase(0.9, 10)])
    assert sum(outcome.refused.values()) == 0
