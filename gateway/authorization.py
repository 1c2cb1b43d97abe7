"""Which upstream a request comes from: `Authorization: Bearer KEY`."""

from collections.abc import Iterable, Mapping

from gateway.http.problem import ProblemError
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

    def admit(self, headers: Mapping[bytes, bytes]) -> Upstream:
        """The upstream whose key the request carries.

        Raises:
            ProblemError: 401, there is none.
        """
        upstream = self.find(headers)
        if upstream is None:
            raise unauthorized()
        return upstream


def unauthorized() -> ProblemError:
    return ProblemError(
        401,
        "Unknown upstream",
        "send the header 'Authorization: Bearer KEY' with the key of a configured upstream",
        ((b"WWW-Authenticate", b'Bearer realm="tidegate"'),),
    )
