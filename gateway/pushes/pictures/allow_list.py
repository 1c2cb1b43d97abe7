"""Which URLs the gateway may fetch; does no I/O."""

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}


class AllowList:
    """The beginnings of URLs that an operator allows, such as `http://10.0.0.5/photos/`.

    Scheme, host and port must be the same, and the path must begin with the entry's. A path that could be read in two
    ways (`..`, `//`, a backslash, an escaped slash or dot) is refused, as is a user name, so that what is compared
    here is what the other side serves.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        """Raises ValueError for an entry that is no plain http or https address with a path that ends in a slash."""
        self._entries = [_entry(text) for text in entries]

    def allows(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            place = _place(parts)
        except ValueError:
            return False
        if place is None or _ambiguous(parts.path) or not url.isascii() or not url.isprintable():
            return False
        return any(place == where and parts.path.startswith(path) for where, path in self._entries)


def _entry(text: str) -> tuple[tuple[str, str, int], str]:
    parts = urlsplit(text)
    place = _place(parts)
    if place is None or parts.query or parts.fragment or _ambiguous(parts.path) or not parts.path.endswith("/"):
        raise ValueError(f"expected the beginning of a URL, as http://10.0.0.5/photos/, got {text!r}")
    return place, parts.path


def _place(parts: SplitResult) -> tuple[str, str, int] | None:
    """Scheme, host, port; None for what is not to be fetched. Raises ValueError for a port that is no number."""
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _ambiguous(path: str) -> bool:
    lowered = path.lower()
    odd = any(each in lowered for each in ("//", "\\", "%2f", "%5c", "%2e"))
    return odd or any(segment in {".", ".."} for segment in path.split("/"))
