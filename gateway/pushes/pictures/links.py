"""Signed links to pictures, which expire; does no I/O.

How it works: a link's token is the picture's digest, the time it ends, and an HMAC of both, in base64url. So a link
says nothing, leads to nothing else, cannot be made without the key, and needs no state. All gateways share the key.
"""

import base64
import binascii
import hmac

from queues.pushes.pictures import DIGEST_BYTES

_TIME_BYTES = 5
_MAC_BYTES = 16
_PURPOSE = b"tidegate picture link\0"
_TOKEN_CHARACTERS = 50  # of 37 bytes


class ExpiredLinkError(Exception):
    """The link was good once."""


class PictureLinks:
    """Makes links under `public_url` and reads their tokens."""

    def __init__(self, public_url: str, key: str) -> None:
        self._prefix = f"{public_url.rstrip('/')}/pictures/"
        self._key = key.encode()

    def link(self, digest: bytes, ends: float) -> str:
        """A link to a picture that is good until `ends`, in seconds since the epoch."""
        named = digest + int(ends).to_bytes(_TIME_BYTES, "big")
        token = base64.urlsafe_b64encode(named + self._mac(named)).rstrip(b"=")
        return self._prefix + token.decode()

    def read(self, token: str, now: float) -> tuple[bytes, float] | None:
        """The digest and the end of a link; None if it is none of ours.

        Raises:
            ExpiredLinkError: its time is over.
        """
        if len(token) != _TOKEN_CHARACTERS:
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        named, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(named) != DIGEST_BYTES + _TIME_BYTES or not hmac.compare_digest(mac, self._mac(named)):
            return None
        ends = int.from_bytes(named[DIGEST_BYTES:], "big")
        if ends <= now:
            raise ExpiredLinkError
        return named[:DIGEST_BYTES], ends

    def _mac(self, named: bytes) -> bytes:
        return hmac.digest(self._key, _PURPOSE + named, "sha256")[:_MAC_BYTES]
