"""How large a body may be, before any of it is read."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from gateway.authorization import Keyring
from gateway.body_bound import BodyBound
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import CHUNKED, FieldSection, Head
from gateway.settings import ServerSettings, Upstream
from gateway.upstream_key import UpstreamKey

KEY = {b"authorization": b"Bearer k"}
BOUND = BodyBound(
    Keyring([Upstream(name="fines", key=UpstreamKey("k"))]), ServerSettings(max_body_bytes=1000, max_batch_bytes=9000)
)


def head(method: str, path: str, headers: Mapping[bytes, bytes] = MappingProxyType({}), length: int = 0) -> Head:
    fields = FieldSection(headers=headers, length=length, keep_alive=True, expects_continue=False)
    return Head(method, path, b"", fields)


def test_only_a_batch_of_pushes_may_be_large():
    assert BOUND.limit(head("POST", "/v1/pushes", KEY)) == 9000
    for method, path in (("POST", "/callback/plain"), ("GET", "/v1/pushes"), ("POST", "/v1/pushes/x"), ("POST", "/x")):
        assert BOUND.limit(head(method, path, KEY)) == 1000


def test_nobodys_batch_is_refused_before_it_is_read_if_it_is_large():
    assert BOUND.limit(head("POST", "/v1/pushes", length=1000)) == 1000, "small ones are told why by the handler"
    assert BOUND.limit(head("POST", "/v1/pushes", length=CHUNKED)) == 1000
    with pytest.raises(RefusedRequestError) as refusal:
        BOUND.limit(head("POST", "/v1/pushes", length=1001))
    assert (refusal.value.status, refusal.value.label) == (401, "unauthorized")
