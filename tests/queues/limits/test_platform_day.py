"""Midnight in Beijing."""

from datetime import UTC, datetime

import pytest

from queues.limits.platform_day import ZONE, day_begins, day_of


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("utc", "beijing"),
    [
        ("2026-04-30 15:59:59", "2026-04-30"),
        ("2026-04-30 16:00:00", "2026-05-01"),
        ("2026-05-01 15:59:59", "2026-05-01"),
        ("1970-01-01 00:00:00", "1970-01-01"),
    ],
)
def test_a_moment_is_of_the_day_that_beijing_has(utc, beijing):
    begins = datetime.fromtimestamp(day_begins(day_of(moment(utc))), ZONE)
    assert begins.isoformat(" ") == f"{beijing} 00:00:00+08:00"
