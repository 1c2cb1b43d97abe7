"""The name of one request: the caller's `X-Request-Id` where it has a sane one, else one of ours.

It stands in our log lines and in the answer, so that a line of theirs and a line of ours can be put side by side.
"""

import re
from collections.abc import Mapping
from secrets import token_hex

HEADER = b"X-Request-Id"

_LOWER = HEADER.lower()
_SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,64}")


def request_id_of(headers: Mapping[bytes, bytes]) -> str:
    """Anything longer, or with other characters, might forge a line of a log, and is replaced."""
    given = headers.get(_LOWER, b"")
    return given.decode() if _SANE.fullmatch(given) else token_hex(8)
