"""The nearest valid name for a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches

_SIMILARITY = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None if none is alike enough to be worth saying."""
    found = get_close_matches(name.lower().replace("-", "_"), list(known), n=1, cutoff=_SIMILARITY)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Advice to append to a complaint: the known name that was meant, or nothing."""
    near = nearest(name, known)
    return f'; did you mean "{near}"?' if near else ""
