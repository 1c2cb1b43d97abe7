"""Gives up on answers that are overdue.

How it works: one task looks now and then at all that wait, the longest first; a timer for each would cost a tenth of
what a send does. It looks ahead by the time to its next look, so nothing is ever given up late.
"""

import trio

from pushers.lanes.lane import Lane

LOOK_SECONDS = 0.1


class AnswerWatch:
    """The lanes that wait for an answer, as many as are in flight. All wait equally long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # In the order in which they began, which is that of their ends.
        self._ends: dict[Lane, float] = {}
        self._began = trio.Event()

    def begin(self, lane: Lane, now: float) -> None:
        """A request is about to go out on the lane."""
        if not self._ends:
            self._began.set()
        self._ends[lane] = now + self._seconds

    def end(self, lane: Lane) -> None:
        """It was answered, or failed."""
        self._ends.pop(lane, None)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            if not self._ends:
                self._began = trio.Event()
                await self._began.wait()
            await trio.sleep(LOOK_SECONDS)
            overdue = trio.current_time() + LOOK_SECONDS
            while self._ends and next(iter(self._ends.values())) < overdue:
                lane = next(iter(self._ends))
                del self._ends[lane]
                lane.give_up()
