"""How many bytes of answers a process holds for clients that do not read them, and a bound on it."""

from typing import Final

MOST_BYTES: Final = 67_108_864
"""Of all connections together: thirty pictures of the largest size by default, with clients that read slowly."""
SMALL_BYTES: Final = 65_536
"""A connection that holds no more is never closed for what others hold: answers to the platform are small, and nearly
all of those to upstreams."""


class UnreadAnswers:
    """What the connections of one process hold together."""

    def __init__(self) -> None:
        self.held = 0
        """In bytes."""

    def change(self, before: int, now: int) -> bool:
        """A connection holds `now` bytes, after `before`. True if that is too much, and it is to be closed."""
        self.held += now - before
        return now > SMALL_BYTES and self.held > MOST_BYTES
