"""Time zones by name, for the account's hours and for a push that names its recipient's."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, as `Asia/Shanghai`.

    Raises:
        ValueError: there is none of that name here.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone known here; give one such as Asia/Shanghai") from None
