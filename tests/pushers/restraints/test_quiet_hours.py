"""Quiet hours by the wall clock of a time zone, also on the days that have 23 or 25 hours."""

import random
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pushers.restraints.quiet_hours import curfew_of, quiet_until
from queues.quiet import QuietHours, QuietSpan
from tests.pushers.makers import claim

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = (time(22), time(8))
ZONES = [SHANGHAI, BERLIN, *map(ZoneInfo, ("UTC", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"))]


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-05-01T21:59:59", None),
        ("2026-05-01T22:00:00", "2026-05-02T08:00"),
        ("2026-05-02T00:00:00", "2026-05-02T08:00"),
        ("2026-05-02T07:59:59", "2026-05-02T08:00"),
        ("2026-05-02T08:00:00", None),
    ],
)
def test_a_night_goes_over_midnight(now, until):
    assert quiet_until(at(now), NIGHT, SHANGHAI) == (at(until) if until else None)


def test_a_rest_at_noon_does_not():
    noon = (time(12, 30), time(14))
    assert quiet_until(at("2026-05-01T13:00"), noon, SHANGHAI) == at("2026-05-01T14:00")
    assert quiet_until(at("2026-05-01T12:29"), noon, SHANGHAI) is None


def test_the_same_instant_is_quiet_in_one_place_and_not_in_another():
    now = at("2026-05-01T23:00")
    assert quiet_until(now, NIGHT, SHANGHAI) is not None
    assert quiet_until(now, NIGHT, BERLIN) is None


def test_a_night_in_which_the_clocks_go_forward_is_an_hour_shorter():
    now = at("2026-03-28T22:00", BERLIN)
    assert quiet_until(now, NIGHT, BERLIN) - now == 9 * 3600


def test_a_night_in_which_they_go_back_is_an_hour_longer():
    now = at("2026-10-24T22:00", BERLIN)
    assert quiet_until(now, NIGHT, BERLIN) - now == 11 * 3600


def test_an_end_that_comes_twice():
    """02:30 is there twice; what comes between the two is quiet by the clock on the wall, and ends at the second."""
    early = (time(1), time(2, 30))
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert quiet_until(at("2026-10-25T01:30", BERLIN), early, BERLIN) == first.timestamp()
    between = first.replace(minute=10, fold=1).timestamp()
    assert quiet_until(between, early, BERLIN) == first.replace(fold=1).timestamp()


def test_an_end_that_the_clocks_skip():
    early = (time(1), time(2, 30))
    assert quiet_until(at("2026-03-29T01:30", BERLIN), early, BERLIN) == at("2026-03-29T03:30", BERLIN)


minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(
    now=st.integers(1_700_000_000, 1_900_000_000),
    span=st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1]),
    zone=st.sampled_from(ZONES),
)
def test_quiet_hours_end_at_the_first_moment_that_is_not_quiet(now, span, zone):
    until = quiet_until(now, span, zone)
    start, end = span
    clock = datetime.fromtimestamp(now, zone).time()
    assert (until is not None) == (start <= clock < end if start < end else clock >= start or clock < end)
    if until is not None:
        assert now < until <= now + 25 * 3600
        assert quiet_until(until, span, zone) is None
        # It is quiet all the while, but for the hour that the clocks may skip or repeat.
        for share in (0.25, 0.5, 0.75):
            between = now + (until - now) * share
            still = quiet_until(between, span, zone)
            assert still == until or until - between <= 3600


HOURS = QuietHours(
    start="22:00", end="08:00", templates={"URGENT": QuietSpan(), "T2": QuietSpan(start="12:00", end="23:30")}
)
LATE = at("2026-05-01T23:00")


@pytest.fixture
def curfew():
    return curfew_of(HOURS, random.Random(1))


def push(**changes):
    return replace(claim().push, **changes)


def test_what_is_held_comes_back_in_the_minutes_after_the_end(curfew):
    ends = {curfew.holds(push(), LATE) for _ in range(100)}
    assert len(ends) == 100
    morning = at("2026-05-02T08:00")
    assert all(morning <= end <= morning + HOURS.spread_seconds for end in ends)
    assert curfew.holds(push(), at("2026-05-01T12:00")) is None


def test_high_priority_may_pass_unless_it_may_not(curfew):
    assert curfew.holds(push(priority="high"), LATE) is None
    strict = curfew_of(replace(HOURS, high_may_pass=False), random.Random(1))
    assert strict.holds(push(priority="high"), LATE) is not None


def test_a_template_has_hours_of_its_own_or_none(curfew):
    assert curfew.holds(push(body=b'{"template_id":"URGENT","data":{}}'), LATE) is None
    second = push(body=b'{"template_id":"T2","data":{}}')
    assert curfew.holds(second, at("2026-05-01T12:00")) is not None
    assert curfew.holds(second, at("2026-05-02T07:00")) is None


def test_the_recipients_own_time_zone_counts(curfew):
    assert curfew.holds(push(time_zone="Europe/Berlin"), LATE) is None
    assert curfew.holds(push(time_zone="Atlantis/City"), LATE) is not None, "unknown here: the account's"


def test_a_push_that_is_still_good_in_the_morning_is_not_spread_beyond_its_time(curfew):
    morning = at("2026-05-02T08:00")
    assert all(curfew.holds(push(expire_at=morning + 10), LATE) < morning + 10 for _ in range(100))


def test_an_account_without_quiet_hours_has_no_curfew():
    assert curfew_of(QuietHours(), random.Random(1)) is None
    assert curfew_of(QuietHours(templates={"T": QuietSpan()}), random.Random(1)) is None


@pytest.mark.parametrize(("start", "end"), [("22", "08"), ("22:00", ""), ("24:00", "08:00"), ("08:00", "08:00")])
def test_times_that_are_none(start, end):
    with pytest.raises(ValueError, match=r"expected two times|begins when it ends"):
        QuietSpan(start=start, end=end).span()
