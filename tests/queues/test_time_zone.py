"""Time zones by name."""

import pytest

from queues import time_zone
from queues.time_zone import zone_of


def test_a_zone_is_found_by_its_name():
    assert str(zone_of("Asia/Shanghai")) == "Asia/Shanghai"


@pytest.mark.parametrize(
    "name", ["", "Asia", "Asia/Nowhere", "asia/shanghai", "../zoneinfo/UTC", "/etc/passwd", "UTC\0"]
)
def test_whatever_else_it_may_be_is_not_looked_for(name, monkeypatch):
    def look(_: str) -> object:
        raise AssertionError("looked on the disk")

    zone_of("UTC")
    monkeypatch.setattr(time_zone, "ZoneInfo", look)
    with pytest.raises(ValueError, match="not a time zone known here"):
        zone_of(name)
