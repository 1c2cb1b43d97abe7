"""The `Idempotency-Key` of a whole request (draft-ietf-httpapi-idempotency-key-header)."""

import re
from collections.abc import Mapping
from hashlib import blake2b

from gateway.http.problem import ProblemError
from gateway.operation import Field
from queues.pushes.request_keys import FINGERPRINT_BYTES, BoundRequest, RequestKey

# The draft asks for a quoted string; many clients send it bare. Both name the same key.
_KEY = re.compile(rb'(")?([!#-\[\]-~]{1,128})(?(1)")')
KEY_FIELD = Field(
    "The same key with the same body is the same request, and has the same results.",
    r'^("[!#-\[\]-~]{1,128}"|[!#-\[\]-~]{1,128})$',
)


def idempotency_key(headers: Mapping[bytes, bytes]) -> str:
    """The request's key, empty if it has none.

    Raises:
        ProblemError: it is none, or there are two.
    """
    value = headers.get(b"idempotency-key")
    if value is None:
        return ""
    key = _KEY.fullmatch(value)
    if key is None:
        detail = 'expected one key of 1 to 128 visible ASCII characters without " and \\, best in quotes'
        raise ProblemError(400, "Not an Idempotency-Key", detail)
    return key[2].decode("ascii")


def check_bound(bound: BoundRequest, request: RequestKey) -> None:
    """Raise ProblemError if the key came with another request before."""
    if bound.fingerprint != request.fingerprint:
        detail = "the key came with another body before: repeat a request byte for byte, or give a new one a new key"
        raise ProblemError(422, "Idempotency-Key is already used", detail)


def fingerprint(body: bytes) -> bytes:
    """What tells this request from another one with the same key."""
    return blake2b(body, digest_size=FINGERPRINT_BYTES).digest()
