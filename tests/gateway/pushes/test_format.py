"""Batches of pushes in JSON, NDJSON and msgpack, and what is none."""

import json
import tracemalloc
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.problem import ProblemError
from gateway.pushes.format import FORMATS, MAX_PUSHES, PushFormat, format_of
from gateway.pushes.item import PushItem
from tests.gateway.samples import OPENID

JSON, LINES, MSGPACK = (
    FORMATS[name] for name in (b"application/json", b"application/x-ndjson", b"application/msgpack")
)
ITEM = {"account": "traffic", "to": OPENID, "template_id": "T1", "data": {"thing1": "杯子", "thing2": {"value": "x"}}}


def written(form: PushFormat, items: list[object]) -> bytes:
    if form is LINES:
        return b"".join(msgspec.json.encode(item) + b"\n" for item in items)
    return (msgspec.msgpack if form is MSGPACK else msgspec.json).encode({"pushes": items})


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.media_type)
class TestEach:
    def test_takes_the_same_pushes(self, form):
        items = [ITEM, ITEM | {"priority": "high", "send_at": "2026-05-01T08:00:00+08:00", "tags": {"a": "b"}}]
        read = [form.decode(item) for item in form.split(written(form, items))]
        assert read == [msgspec.convert(item, PushItem) for item in items]

    def test_gives_a_channels_own_message_as_json(self, form):
        item = {"account": "traffic", "to": OPENID, "channel": "custom", "message": {"text": {"content": "你好"}}}
        [raw] = form.split(written(form, [item]))
        assert msgspec.json.decode(form.decode(raw).message) == item["message"]

    def test_holds_views_of_the_request_and_no_copy(self, form):
        body = written(form, [ITEM | {"url": "x" * 10_000}] * 100)
        tracemalloc.start()
        items = form.split(body)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(items) == 100
        assert held < len(body) / 10

    def test_takes_none_ten_thousand_and_no_more(self, form):
        assert len(form.split(written(form, []))) == 0
        assert len(form.split(written(form, [1] * MAX_PUSHES))) == MAX_PUSHES
        with pytest.raises(ProblemError, match="more than 10000 in one request"):
            form.split(written(form, [1] * (MAX_PUSHES + 1)))

    def test_refuses_a_million_in_little_more_room_than_they_came_in(self, form):
        body = written(form, [1] * 1_000_000)
        tracemalloc.start()
        with pytest.raises(ProblemError, match="more than 10000 in one request"):
            form.split(body)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < len(body)

    def test_a_wrong_item_leaves_the_others_whole(self, form):
        wrong, right = form.split(written(form, [{"account": 5}, ITEM]))
        with pytest.raises(msgspec.ValidationError, match="account"):
            form.decode(wrong)
        assert form.decode(right).to == OPENID


class TestOutline:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b'{"push": []}', b'{"pushes": {}}', b'{"pushes": []} x', b"\xff", b"[" * 100_000]
    )
    def test_of_json_must_be_an_object_with_pushes(self, body):
        with pytest.raises(ProblemError):
            JSON.split(body)

    @pytest.mark.parametrize("body", [b"", b"\x90", b"\x81\xa6pushes", b"\x81\xa6pushes\x90\x00", b"\x91" * 100_000])
    def test_of_msgpack_must_be_a_map_with_pushes(self, body):
        with pytest.raises(ProblemError):
            MSGPACK.split(body)

    def test_of_json_has_bounded_nesting(self):
        with pytest.raises(ProblemError, match="nested"):
            JSON.split(b'{"pushes": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}")

    @pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00", r"\ud83d\ud83d", r"\ud83d\n", r"\\\ud83d"])
    def test_of_json_with_half_of_a_character_spoils_its_own_push_alone(self, half):
        """As JavaScript writes a text that was cut within an emoji."""
        right = json.dumps(ITEM | {"url": "https://a.test/\\ud83d/\U0001f600"})
        wrong = right.replace("T1", f"T1{half}")
        first, cut, last = JSON.split(f'{{"pushes":[{right},{wrong},{right}]}}'.encode())
        assert JSON.decode(first) == JSON.decode(last) == JSON.decode(JSON.split(written(JSON, [json.loads(right)]))[0])
        with pytest.raises(ValueError, match="utf-8"):
            JSON.decode(cut)

    def test_of_json_may_hold_as_many_commas_as_ten_thousand_pushes_do(self):
        least = {"account": "a", "to": "b", "template_id": "T", "data": {str(n): "" for n in range(100)}}
        assert len(JSON.split(written(JSON, [least] * MAX_PUSHES))) == MAX_PUSHES


class TestLines:
    def test_may_end_in_crlf_and_the_last_one_in_nothing(self):
        assert [bytes(line) for line in LINES.split(b'{"a":1}\r\n{"b":2}\n{"c":3}')] == [
            b'{"a":1}\r',
            b'{"b":2}',
            b'{"c":3}',
        ]

    def test_that_are_blank_are_no_items(self):
        assert len(LINES.split(b"\n \r\n1\n\n\t\n2\n\n")) == 2

    def test_that_are_no_json_are_items_that_are_wrong(self):
        first, second = LINES.split(b'{"account": \n' + json.dumps(ITEM).encode())
        with pytest.raises(msgspec.DecodeError):
            LINES.decode(first)
        assert LINES.decode(second).to == OPENID

    @given(st.lists(st.binary(max_size=20)))
    def test_are_what_stands_between_line_feeds(self, lines):
        given = [part for line in lines for part in line.split(b"\n")]
        assert [bytes(line) for line in LINES.split(b"\n".join(lines))] == [
            line.lstrip() for line in given if line.strip()
        ]

    def test_beyond_the_most_are_not_even_found(self):
        body = b"1\n" * (20 * MAX_PUSHES)
        tracemalloc.start()
        with pytest.raises(ProblemError, match="more than 10000"):
            LINES.split(body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 300 * MAX_PUSHES


class TestMsgpack:
    def test_a_time_may_be_a_timestamp(self):
        moment = datetime(2026, 5, 1, tzinfo=UTC)
        [raw] = MSGPACK.split(msgspec.msgpack.encode({"pushes": [ITEM | {"send_at": moment}]}))
        assert MSGPACK.decode(raw).send_at == moment

    def test_a_fallbacks_own_message_is_given_as_json_too(self):
        fallback = {"channel": "custom", "message": {"text": {"content": "你好"}}}
        [raw] = MSGPACK.split(msgspec.msgpack.encode({"pushes": [ITEM | {"fallback": [fallback]}]}))
        assert msgspec.json.decode(MSGPACK.decode(raw).fallback[0].message) == fallback["message"]

    def test_an_extension_type_in_a_message_is_refused(self):
        message = {"x": msgspec.msgpack.Ext(7, b"?")}
        [raw] = MSGPACK.split(msgspec.msgpack.encode({"pushes": [ITEM | {"message": message}]}))
        with pytest.raises(ValueError, match="extension"):
            MSGPACK.decode(raw)


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({b"content-type": b"application/json"}, JSON),
        ({b"content-type": b"Application/JSON; charset=utf-8"}, JSON),
        ({b"content-type": b"application/x-ndjson"}, LINES),
        ({b"content-type": b"application/msgpack", b"content-encoding": b"identity"}, MSGPACK),
    ],
)
def test_the_media_type_says_which(headers, form):
    assert format_of(headers) is form


@pytest.mark.parametrize(
    "headers",
    [
        {b"content-type": b"application/json", b"content-encoding": b"gzip"},
        {b"content-type": b"application/jsonp"},
        {b"content-type": b"text/plain"},
        {},
    ],
)
def test_no_other_is_taken(headers):
    with pytest.raises(ProblemError, match="415"):
        format_of(headers)
