"""Says what is wrong with one push so that its author can put it right: the field, and the way out.

msgspec checks types and lengths in C and describes a failure as `Expected ... - at $.path`; here the path is made
relative to the request, an unknown name gets its nearest known one, and fields with a format of their own get an
example. Values are not repeated, except one that reads like the name of something.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from msgspec import ValidationError

_SHOWN_LENGTH = 64
_SHOWN_REASON = 200  # the longest of msgspec's own is half of it
_SHOWN_NAMES = 16
_LIKE_A_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_WHERE = re.compile(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?", re.DOTALL)
_INDEX = re.compile(r"\[\d+\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_NOT_ONE_OF = re.compile(r"Invalid enum value '(.*)'", re.DOTALL)


class RejectedPushError(ValueError):
    """One push of a request that is not taken; `path` is relative to the push, as `.data`, or empty for all of it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class ForeignAccountError(RejectedPushError):
    """A push through an account that its upstream is not allowed, whether there is one of that name or not."""


def explain(
    error: ValidationError, names: Mapping[str, Iterable[str]], ways_out: Mapping[str, str]
) -> RejectedPushError:
    """Translate msgspec's error; `names` gives the known fields and `ways_out` the advice at each path.

    Their paths have `[...]` for any key or index.
    """
    where = _WHERE.fullmatch(str(error))
    what, path = (where["what"], shorten(where["path"] or "")) if where else (str(error), "")
    kind = _INDEX.sub("[...]", path)
    if unknown := _UNKNOWN.fullmatch(what):
        advice = nearest(unknown[1], names.get(kind, ()))
        return RejectedPushError(f"{path}.{shorten(unknown[1])}", f"unknown field{advice}")
    if missing := _MISSING.fullmatch(what):
        return RejectedPushError(f"{path}.{missing[1]}", "required")
    # A name that an upstream made up may read like msgspec's own words, and not be taken out above.
    reason = shorten(what[:1].lower() + what[1:].replace("`", ""), _SHOWN_REASON)
    if where and where["key"]:
        reason = f"a key of it: {reason}"
    if not_one_of := _NOT_ONE_OF.fullmatch(what):
        return RejectedPushError(path, f"{quote(not_one_of[1])} is not one of {ways_out[kind]}")
    return RejectedPushError(path, f"{reason}; give {ways_out[kind]}" if kind in ways_out else reason)


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice to append to a complaint about an unknown name: the nearest known one, or else the known ones."""
    known = sorted(known)
    close = get_close_matches(shorten(name), known, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(known[:_SHOWN_NAMES])}" if known else ""


def quote(value: str) -> str:
    """Repeat a value that reads like the name of something; one that may be an OPENID in the wrong field is not."""
    return f"'{value}'" if _LIKE_A_NAME.fullmatch(value) else "the value given"


def shorten(value: str, longest: int = _SHOWN_LENGTH) -> str:
    """Bound what a complaint repeats of the names that an upstream makes up."""
    return value if len(value) <= longest else value[:longest] + "…"
