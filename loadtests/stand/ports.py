"""Ports for programs that cannot say which one they took."""

import itertools
import secrets
import socket

FIRST, LAST = 10_000, 32_000
"""Below the ports of outgoing connections (from 32,768 on Linux): one of those may be some client's by the time that
the program listens there, or listens there again."""

_TRIES = 1_000
_turns = itertools.count(secrets.randbelow(LAST - FIRST))  # so that two processes do not go the same way


def free_port() -> int:
    """A port that nobody holds now; this process does not get it again for a long while.

    Raises:
        OSError: nearly all of them are held.
    """
    for turn in itertools.islice(_turns, _TRIES):
        port = FIRST + turn % (LAST - FIRST)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"{_TRIES} ports from {FIRST} to {LAST} in turn, and each of them is held")
