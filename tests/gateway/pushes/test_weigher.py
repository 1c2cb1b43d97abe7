"""An item is weighed before it is read, so that none takes long."""

import json

import msgspec
import pytest

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.format import FORMATS, JSON, PushFormat
from gateway.pushes.item import MAX_FIELDS
from gateway.pushes.reader import PicturedItem, PushReader
from gateway.pushes.weigher import LIGHT_BYTES
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.push import NewPush
from tests.gateway.samples import OPENID

ITEM = {"account": "traffic", "to": OPENID, "template_id": "T1", "data": {"thing1": "x"}}
READER = PushReader(Upstream(name="fines", key=UpstreamKey("k")), [Account(name="traffic", app_id="wx1")])
MSGPACK = FORMATS[b"application/msgpack"]
MANY = {f"k{number}": "" for number in range(10_000)}


def never(_: object) -> object:
    raise AssertionError("read")


def refusal(raw: bytes, form: PushFormat = JSON) -> str:
    unread = msgspec.structs.replace(form, decode=never, outline=never)
    with pytest.raises(RejectedPushError) as rejection:
        READER.read(msgspec.Raw(raw), 0, unread)
    assert OPENID not in str(rejection.value)
    return str(rejection.value)


@pytest.mark.parametrize("form", [JSON, MSGPACK])
@pytest.mark.parametrize("name", ["data", "tags", "fallback", "message"])
def test_a_part_that_is_too_long_is_named_and_not_read(form, name):
    part = [{"data": MANY}] * 4 if name == "fallback" else MANY
    encode = (msgspec.json if form is JSON else msgspec.msgpack).encode
    assert refusal(encode(ITEM | {name: part}), form).startswith(f".{name}: ")


def test_a_part_that_is_written_twice_hides_nothing():
    raw = json.dumps(ITEM | {"data": MANY})[:-1] + ', "data": {}}'
    assert refusal(raw.encode()).startswith(": ")


@pytest.mark.parametrize("end", ["", " 1}"])
def test_a_long_item_that_is_broken_at_its_end_is_not_read_up_to_there(end):
    assert refusal(json.dumps(ITEM | {"data": MANY})[:-1].encode() + end.encode()) == ": not valid JSON in UTF-8"


def test_a_long_item_that_is_no_object_is_not_read():
    assert refusal(json.dumps([MANY]).encode()) == ": expected object, got array"


def test_a_picture_does_not_count():
    item = {"account": "traffic", "channel": "custom", "to": OPENID, "message": {"msgtype": "image"}}
    raw = json.dumps(item | {"image": {"data": "AAAA" * LIGHT_BYTES}}).encode()
    assert isinstance(READER.read(msgspec.Raw(raw), 0), PicturedItem)


def test_a_message_may_list_as_many_people_as_the_platform_takes():
    people = [f"o{number:027}" for number in range(10_000)]
    message = {"msgtype": "text", "text": {"content": "x"}, "touser": people}
    raw = json.dumps({"account": "traffic", "channel": "mass", "to": "@message", "message": message}, indent=8).encode()
    assert len(raw) > LIGHT_BYTES
    assert isinstance(READER.read(msgspec.Raw(raw), 0), NewPush)


def test_a_message_has_so_many_fields_and_no_more():
    most = {f"k{number}": "" for number in range(MAX_FIELDS)}
    assert isinstance(READER.read(msgspec.Raw(json.dumps(ITEM | {"data": most}).encode()), 0), NewPush)
    with pytest.raises(RejectedPushError, match=rf"^\.data: expected object.* of length <= {MAX_FIELDS}"):
        READER.read(msgspec.Raw(json.dumps(ITEM | {"data": most | {"more": ""}}).encode()), 0)
