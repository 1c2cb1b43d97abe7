"""An upstream's key, of which only a digest is kept."""

import hmac
import re
from hashlib import blake2b
from typing import Self

MIN_KEY_LENGTH = 8

_SOUND = re.compile(f"[!-~]{{{MIN_KEY_LENGTH},}}")
_PURPOSE = b"upstream key"  # so that it is the digest of the same key for nothing else


def key_digest(key: bytes) -> bytes:
    """Of one length, so that comparing digests tells nothing of a key's own."""
    return blake2b(key, digest_size=32, person=_PURPOSE).digest()


class UpstreamKey:
    """Made of the key as the configuration has it; the key itself is not held. An empty one is no key."""

    __slots__ = ("_digest", "is_sound")

    def __init__(self, text: str) -> None:
        self._digest = key_digest(text.encode()) if text else b""
        self.is_sound = _SOUND.fullmatch(text) is not None
        """Whether it has 8 characters at least, all of them printable ASCII and none a space."""

    @classmethod
    def sealed(cls, digest: bytes) -> Self:
        """One that another process made and checked, out of its `digest`."""
        key = cls("")
        key._digest = digest
        key.is_sound = True
        return key

    @property
    def digest(self) -> bytes:
        """All that is held of the key."""
        return self._digest

    def matches(self, digest: bytes) -> bool:
        """Compare with a `key_digest`, in constant time."""
        return bool(self._digest) and hmac.compare_digest(self._digest, digest)

    def __bool__(self) -> bool:
        return bool(self._digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UpstreamKey) and hmac.compare_digest(self._digest, other._digest)

    def __hash__(self) -> int:
        return hash((UpstreamKey, self._digest))

    def __repr__(self) -> str:
        return "UpstreamKey('***')" if self else "UpstreamKey('')"
