"""Percent-encoding of a URL, undone strictly."""

import re
from urllib.parse import unquote

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def decode_percent(text: str) -> str:
    """Undo percent-encoding and nothing else: a `+` stays a `+`.

    Raises:
        ValueError: an escape is cut short, is not hexadecimal, or does not give UTF-8.
    """
    if _MALFORMED.search(text):
        raise ValueError("malformed percent escape")
    return unquote(text, errors="strict")
