"""How late a process's loop wakes a task that is due: the first sign that it has more to do than it can."""

from typing import Final, NoReturn

import trio

from monitoring.names import LOOP_LAG_SECONDS

EVERY_SECONDS: Final = 0.25


async def watch_loop_lag(role: str) -> NoReturn:
    """Measure until cancelled."""
    lag = LOOP_LAG_SECONDS.labels(role)
    while True:
        due = trio.current_time() + EVERY_SECONDS
        await trio.sleep_until(due)
        lag.observe(trio.current_time() - due)
