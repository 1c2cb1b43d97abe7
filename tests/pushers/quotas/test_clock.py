"""When quotas turn, by the platform's clock."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.quotas.clock import seconds_to_reset

SHANGHAI = timezone(timedelta(hours=8))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("period", "now", "turn"),
    [
        ("day", "2024-04-26T12:00:00+08:00", "2024-04-27T00:05:00+08:00"),
        ("day", "2024-04-26T23:59:59+08:00", "2024-04-27T00:05:00+08:00"),
        ("day", "2024-04-27T00:00:01+08:00", "2024-04-28T00:05:00+08:00"),
        ("day", "2024-04-26T16:30:00+00:00", "2024-04-28T00:05:00+08:00"),
        ("month", "2024-12-31T23:00:00+08:00", "2025-01-01T00:05:00+08:00"),
        ("month", "2024-01-31T08:00:00+08:00", "2024-02-01T00:05:00+08:00"),
        ("minute", "2024-04-26T12:00:20+08:00", "2024-04-26T12:01:00+08:00"),
    ],
)
def test_the_next_turn(period, now, turn):
    assert seconds_to_reset(period, at(now), 0) == pytest.approx(at(turn) - at(now))


def test_processes_come_back_apart():
    now = at("2024-04-26T12:00:20+08:00")
    assert seconds_to_reset("day", now, 0.5) - seconds_to_reset("day", now, 0) == pytest.approx(150)
    assert seconds_to_reset("minute", now, 0.5) - seconds_to_reset("minute", now, 0) == pytest.approx(2.5)


@given(st.integers(1_577_836_800, 2_208_988_800), st.floats(0, 0.999))
def test_the_next_day_is_always_another_day_within_reach(now, spread):
    seconds = seconds_to_reset("day", now, spread)
    assert 0 < seconds <= 86_400 + 600
    before, after = (datetime.fromtimestamp(time, SHANGHAI).date() for time in (now, now + seconds))
    assert after == before + timedelta(days=1)
