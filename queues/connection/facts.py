"""Questions to one server that several modules have."""

import time
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError


def server_time(client: Redis) -> float:
    """In seconds since the epoch."""
    seconds, microseconds = client.time()
    return float(seconds + microseconds / 1e6)


def clock_ahead(client: Redis) -> tuple[float, float]:
    """How many seconds the server's clock is ahead of ours, give or take how many.

    It was read somewhere within the round trip: half of that is the doubt.
    """
    asked = time.time()
    theirs = server_time(client)
    answered = time.time()
    return theirs - (asked + answered) / 2, (answered - asked) / 2


def config_value(client: Redis, name: str) -> str:
    """One configuration value, or an empty string where CONFIG is not allowed."""
    try:
        return str(cast("dict[str, Any]", client.config_get(name)).get(name, ""))
    except ResponseError:
        return ""
