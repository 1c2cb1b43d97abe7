"""What becomes of accepted messages: the Status of a receipt, one of the exact strings of §1.7."""

import random


class Fates:
    """Draws a fate for each message; the shares are those of people who block, of failures, and of too many."""

    def __init__(self, user_block: float, system_failed: float, freq_limit: float, seed: int) -> None:
        self._steps = [
            (user_block, "failed:user block"),
            (user_block + system_failed, "failed: system failed"),
            (user_block + system_failed + freq_limit, "failed:freq limit"),  # reported in the forum only
        ]
        self.failing = self._steps[-1][0]
        self._random = random.Random(seed)

    def draw(self) -> str:
        """The Status of the next message."""
        if not self.failing:
            return "success"
        draw = self._random.random()
        return next((status for below, status in self._steps if draw < below), "success")
