"""Time zones by name, for the account's hours and for a push that names its recipient's."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, as `Asia/Shanghai`.

    Raises:
        ValueError: there is none of that name here.
    """
    if name not in _names():
        raise ValueError("not a time zone known here; give one such as Asia/Shanghai")
    return _zone(name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Looked up once: looking on the disk for a name that somebody made up takes a millisecond each time."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
