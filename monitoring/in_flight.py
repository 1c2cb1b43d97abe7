"""How many pushes a process holds, looked at now and then: setting a gauge at each of them would cost more."""

from collections.abc import Callable
from typing import Final, NoReturn

import trio

from monitoring.names import PUSHES_IN_FLIGHT

EVERY_SECONDS: Final = 0.25


async def watch_in_flight(held: Callable[[], int]) -> NoReturn:
    """Look until cancelled."""
    while True:
        PUSHES_IN_FLIGHT.set(held())
        await trio.sleep(EVERY_SECONDS)
