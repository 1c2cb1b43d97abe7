"""Percent-encoding of a URL, undone strictly."""

from urllib.parse import unquote

_HEX = frozenset("0123456789abcdefABCDEF")


def decode_percent(text: str) -> str:
    """Undo percent-encoding and nothing else: a `+` stays a `+`.

    Raises:
        ValueError: an escape is cut short, is not hexadecimal, or does not give UTF-8.
    """
    for escape in text.split("%")[1:]:
        if len(escape) < 2 or escape[0] not in _HEX or escape[1] not in _HEX:  # noqa: PLR2004: two digits an escape
            raise ValueError("malformed percent escape")
    return unquote(text, errors="strict")
