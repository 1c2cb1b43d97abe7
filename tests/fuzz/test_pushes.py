"""Push requests: a batch is refused whole or item by item, and every complaint names a place and gives a reason."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.problem import ProblemError
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.format import FORMATS, PushFormat
from gateway.pushes.reader import PushReader
from gateway.settings import Upstream
from queues.account import Account, Webhook
from queues.push import NewPush
from queues.secret import Secret
from tests.fuzz.mutation import mutated

NOW = 1_714_112_446.0
ACCOUNTS = [
    Account(name="city", app_id="wx1", webhook=Webhook("http://sms.test")),
    Account(name="office", kind="wecom", app_id="ww1", agent_id=7),
]
READER = PushReader(Upstream(name="violations", key=Secret("k" * 8)), ACCOUNTS)
_ITEM = {
    "account": "city",
    "to": "oTEST",
    "template_id": "T-1",
    "data": {"thing1": "a value", "date2": {"value": "2026-11-22", "color": "#173177"}},
    "priority": "high",
    "send_at": "2026-11-22T09:00:00+08:00",
    "tags": {"case": "7"},
}
_MESSAGE = {"msgtype": "text", "text": {"content": "a value"}}
_CARD = {"msgtype": "template_card", "template_card": {"card_type": "text_notice", "main_title": {"title": "a value"}}}
_ITEMS = [
    _ITEM,
    {"account": "city", "to": "oTEST", "channel": "custom", "message": _MESSAGE},
    _ITEM | {"fallback": [{"channel": "custom", "on": ["refused"], "message": _MESSAGE}]},
    {"account": "office", "to": "mo", "channel": "wecom", "message": _CARD},
    {"account": "city", "to": "oTEST", "channel": "webhook", "message": {"sms": [1, 0.5, None, {"text": "a value"}]}},
]
_SCRAPS = (
    b"{", b"}", b"[" * 100, b"]", b'"', b",", b":", b"null", b"true", b"-1", b"1e400", b"9" * 40, b'"\\ud800"', b"\\",
    b'{"a":' * 100, b'"account"', b'"to"', b'"data":', b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"NaN", b"\xdc\x00\x10",
    b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xd4\x01\x00", b"\x81" * 50,
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
each_format = pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.media_type)


def sample(form: PushFormat) -> bytes:
    if form.media_type == "application/msgpack":
        return msgspec.msgpack.encode({"pushes": _ITEMS})
    if form.media_type == "application/x-ndjson":
        return msgspec.json.Encoder().encode_lines(_ITEMS)
    return msgspec.json.encode({"pushes": _ITEMS})


def read_all(form: PushFormat, body: bytes) -> list[NewPush]:
    """The pushes of a batch; whatever else is in it must be refused in the words meant for it."""
    try:
        items = form.split(body)
    except ProblemError:
        return []
    taken, complaints = [], []
    for item in items:
        try:
            taken.append(READER.read(item, NOW, form))
        except RejectedPushError as complaint:
            complaints.append(complaint)
    assert all(complaint.reason for complaint in complaints)
    "".join(map(str, complaints)).encode()  # they go into the answer
    return taken


@each_format
@given(st.data())
def test_any_batch_is_taken_or_refused(form: PushFormat, data: st.DataObject):
    for push in read_all(form, data.draw(mutated([sample(form)], _SCRAPS))):
        assert push.account in {"city", "office"}
        assert msgspec.json.decode(push.body)


@given(st.sampled_from(sorted({*_ITEM, "url", "miniprogram", "message", "expire_at", "idempotency_key"})), VALUES)
def test_any_value_in_any_field_is_taken_or_refused(field: str, value: object):
    try:
        body = msgspec.json.encode({"pushes": [_ITEM | {field: value}]})
    except UnicodeEncodeError:  # a lone surrogate, which nobody can put into JSON
        return
    read_all(FORMATS[b"application/json"], body)


@each_format
@given(body=st.binary(max_size=300))
def test_bytes_at_random_are_taken_or_refused(form: PushFormat, body: bytes):
    read_all(form, body)
