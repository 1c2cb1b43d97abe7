"""Which upstream a request comes from: `Authorization: Bearer KEY`."""

from collections.abc import Iterable, Mapping

from gateway.http.messages import Response
from gateway.http.problem import problem
from gateway.settings import Upstream
from gateway.upstream_key import key_digest


class Keyring:
    """The upstreams, by their keys."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        self._keys = tuple((key, upstream) for upstream in upstreams for key in (upstream.key, upstream.previous_key))

    def find(self, headers: Mapping[bytes, bytes]) -> Upstream | None:
        """The upstream whose key the request carries. Every key is compared, whichever matches."""
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        digest = key_digest(key.strip())
        found = None
        for known, upstream in self._keys:
            if known.matches(digest):
                found = upstream
        return found if scheme.lower() == b"bearer" else None


def unauthorized() -> Response:
    return problem(
        401,
        "Unknown upstream",
        "send the header 'Authorization: Bearer KEY' with the key of a configured upstream",
        headers=((b"WWW-Authenticate", b'Bearer realm="tidegate"'),),
    )
