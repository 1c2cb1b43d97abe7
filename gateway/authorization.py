"""Which upstream a request comes from: `Authorization: Bearer KEY`."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256

from gateway.messages import Response
from gateway.problem import problem
from gateway.settings import Upstream


class Keyring:
    """The keys of all upstreams, as digests of one length, so that comparing tells nothing of any key's length."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        self._keys = tuple((sha256(u.key.reveal().encode()).digest(), u) for u in upstreams if u.key)

    def find(self, headers: Mapping[bytes, bytes]) -> Upstream | None:
        """The upstream whose key the request carries. Every key is compared, whichever matches."""
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        digest = sha256(key.strip()).digest()
        found = None
        for known, upstream in self._keys:
            if hmac.compare_digest(known, digest):
                found = upstream
        return found if scheme.lower() == b"bearer" else None


def unauthorized() -> Response:
    return problem(
        401,
        "Unknown upstream",
        "send the header 'Authorization: Bearer KEY' with the key of a configured upstream",
        headers=((b"WWW-Authenticate", b'Bearer realm="tidegate"'),),
    )
