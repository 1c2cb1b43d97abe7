"""What an upstream may ask for, and the words with which anything else is refused."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.reader import PushReader
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.push import NewPush
from tests.gateway.samples import OPENID

NOW = 1_777_593_600.0  # 2026-05-01T00:00:00Z
ITEM = {"account": "traffic", "to": OPENID, "template_id": "T1", "data": {"thing1": "Blue mug"}}
ACCOUNTS = [Account(name=name, app_id="wx1") for name in ("traffic", "parking", "tax")]
READER = PushReader(Upstream(name="fines", key=UpstreamKey("k"), accounts=("traffic", "parking")), ACCOUNTS)


def read(item: object = None, /, **changes: object) -> NewPush:
    raw = msgspec.Raw(json.dumps(ITEM | changes if item is None else item).encode())
    return READER.read(raw, NOW)


def refusal(item: object = None, /, **changes: object) -> str:
    with pytest.raises(RejectedPushError) as rejection:
        read(item, **changes)
    assert OPENID not in str(rejection.value)
    return str(rejection.value)


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in ITEM.items() if key != name}


class TestAccepted:
    def test_the_smallest_push(self):
        assert read() == NewPush(
            account="traffic",
            upstream="fines",
            channel="template",
            recipient=OPENID,
            body=b'{"template_id":"T1","data":{"thing1":{"value":"Blue mug"}}}',
            accepted_at=NOW,
        )

    def test_everything_a_push_may_have(self):
        push = read(
            data={"thing1": "蓝色杯子", "amount2": {"value": "39.90元", "color": "#173177"}},
            channel="template",
            url="https://example.test/o/1",
            miniprogram={"appid": "wxaaaaaaaaaaaaaaaa", "pagepath": "index?foo=bar"},
            priority="high",
            idempotency_key="order-1-paid",
            send_at="2026-05-01T09:00:00+08:00",
            expire_at="2026-05-01T02:00:00Z",
            tags={"campaign": "may"},
        )
        assert push.priority == "high"
        assert push.idempotency_key == "order-1-paid"
        assert push.tags == {"campaign": "may"}
        assert (push.send_at, push.expire_at) == (NOW + 3600, NOW + 7200)
        assert json.loads(push.body) == {
            "template_id": "T1",
            "data": {"thing1": {"value": "蓝色杯子"}, "amount2": {"value": "39.90元", "color": "#173177"}},
            "url": "https://example.test/o/1",
            "miniprogram": {"appid": "wxaaaaaaaaaaaaaaaa", "pagepath": "index?foo=bar"},
        }

    def test_the_body_is_raw_utf8_since_the_platform_shows_escapes_literally(self):
        assert "蓝色杯子".encode() in read(data={"thing1": "蓝色杯子"}).body

    def test_the_body_names_neither_recipient_nor_message_id(self):
        assert not {"touser", "client_msg_id"} & json.loads(read().body).keys()

    def test_fields_of_no_known_kind_are_left_to_the_platform(self):
        assert read(data={"keyword1": "x" * 500, "nonsense": "", "name": "", "thing": "x" * 21})

    def test_the_recipients_time_zone_may_be_named(self):
        assert read(time_zone="Europe/Berlin").time_zone == "Europe/Berlin"
        for unknown in ("Atlantis/City", "../../etc/passwd", "Asia"):
            assert refusal(time_zone=unknown).startswith(".time_zone: not a time zone known here")

    def test_a_webhook_needs_somewhere_to_go(self):
        assert refusal(notify=True) == ".notify: this upstream has no webhook_url in the configuration"
        told = Upstream(name="fines", key=UpstreamKey("k"), webhook_url="https://fines.test/hooks")
        raw = msgspec.Raw(json.dumps(ITEM | {"notify": True}).encode())
        assert PushReader(told, ACCOUNTS).read(raw, NOW).notify

    def test_send_at_in_the_past_means_now(self):
        assert read(send_at="2020-01-01T00:00:00Z").send_at < NOW
        assert read(send_at="0001-01-01T00:00:00Z").send_at == 0


class TestRejected:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"priority": "urgent"}, ".priority: 'urgent' is not one of high, normal, bulk"),
            ({"priority": 1}, ".priority: expected str, got int; give high, normal, bulk"),
            ({"to": 5}, ".to: expected str, got int"),
            ({"to": None}, ".to: expected str, got null"),
            ({"to": ""}, ".to: expected str of length >= 1"),
            ({"to": "o" * 129}, ".to: expected str of length <= 128"),
            ({"to": "o1 "}, ".to: has a space or a character that no OPENID has"),
            ({"to": "o\n1"}, ".to: has a space or a character that no OPENID has"),
            ({"to": "名"}, ".to: has a space or a character that no OPENID has"),
            ({"template_id": "t" * 129}, ".template_id: expected str of length <= 128"),
            ({"idempotency_key": "k" * 129}, ".idempotency_key: expected str of length <= 128"),
            ({"template": "T1"}, ".template: unknown field; did you mean 'template_id'?"),
            ({"prio": "high"}, ".prio: unknown field; did you mean 'priority'?"),
            ({"touser": "x"}, ".touser: unknown field; known: account, channel, data, expire_at, "),
            ({"miniprogram": {"appId": "wx"}}, ".miniprogram.appId: unknown field; did you mean 'appid'?"),
            ({"miniprogram": {}}, ".miniprogram.appid: required"),
            ({"data": "text"}, '.data: expected object | null, got str; give an object, as {"thing1": "text"}'),
            (
                {"data": {"thing1": "x", "number1": 5}},
                ".data.number1: expected str | object, got int; give a string or",
            ),
            (
                {"data": {"number1": {"value": 5}}},
                ".data.number1.value: expected str, got int; give a string, numbers too",
            ),
            ({"data": {"a": {"vlaue": "5"}}}, ".data.a.vlaue: unknown field; did you mean 'value'?"),
            ({"data": {"thing1.DATA": "x"}}, ".data.thing1.DATA: write 'thing1': .DATA belongs to the template's text"),
            (
                {"data": {"thing1": "x" * 21}},
                ".data.thing1: expected 1 to 20 letters, digits or symbols, on one line; it has 21 characters",
            ),
            ({"data": {"phrase2": {"value": "Done"}}}, ".data.phrase2: expected 1 to 5 Chinese characters; it has 4"),
            ({"data": {"": "x"}}, ".data: a key of it: expected str of length >= 1"),
            ({"data": {"remark": "x" * 17_000}}, " bytes are sent; at most 16384: shorten it"),
            ({"channel": "sms"}, ".channel: 'sms' is an unknown channel; available: template, subscribe, custom, mass"),
            ({"message": {"text": "x"}}, ".message: is for other channels; template takes template_id and data"),
            (
                {"account": "trafic"},
                ".account: 'trafic' is not an account this upstream may push through; did you mean",
            ),
            ({"account": "tax"}, ".account: 'tax' is not an account this upstream may push through; known: parking, "),
            ({"send_at": "tomorrow"}, ".send_at: invalid RFC3339 encoded datetime; give RFC 3339 with an offset, as "),
            (
                {"send_at": "2026-05-01T08:00:00"},
                ".send_at: expected datetime with a timezone component; give RFC 3339",
            ),
            ({"send_at": 1777593600}, ".send_at: expected datetime | null, got int; give RFC 3339"),
            ({"expire_at": "2026-04-30T23:59:59Z"}, ".expire_at: is in the past"),
            ({"send_at": "9999-12-31T23:59:59-12:00"}, ".send_at: is after the year 9999 in UTC"),
            ({"expire_at": "9999-12-31T23:59:59-00:01"}, ".expire_at: is after the year 9999 in UTC"),
            (
                {"send_at": "2026-05-02T00:00:00Z", "expire_at": "2026-05-01T23:59:59Z"},
                ".expire_at: is not after send_at, so it would never be sent",
            ),
            ({"tags": {str(n): "x" for n in range(9)}}, ".tags: expected object of length <= 8"),
            ({"tags": {"k" * 33: "x"}}, ".tags: a key of it: expected str of length <= 32"),
            ({"tags": {"k": "v" * 65}}, ".tags.k: expected str of length <= 64"),
            ({"tags": {"k": 1}}, ".tags.k: expected str, got int; give a string of at most 64 characters"),
        ],
    )
    def test_a_bad_field_is_named_with_the_way_out(self, changes, words):
        assert words in refusal(**changes)

    @pytest.mark.parametrize("name", ITEM)
    def test_a_missing_field_is_named(self, name):
        assert refusal(without(name)).startswith(f".{name}: required")

    @pytest.mark.parametrize("item", [[], 3, "x", None])
    def test_an_item_that_is_no_object_is_refused(self, item):
        with pytest.raises(RejectedPushError, match="expected object"):
            READER.read(msgspec.Raw(json.dumps(item).encode()), NOW)

    @pytest.mark.parametrize("raw", [b'{"account":"\xff"}', b'{"account":"\\ud800"}', b'{"account"'])
    def test_bytes_that_are_no_json_are_refused(self, raw):
        with pytest.raises(RejectedPushError, match="not valid JSON in UTF-8"):
            READER.read(msgspec.Raw(raw), NOW)

    def test_a_message_as_deep_as_can_be_read_is_refused_like_any_other(self):
        deep = b'{"account": "traffic", "channel": "custom", "to": "o", "message": %b1%b}'
        for depth in range(600, 1_100):  # somewhere there it is found in its item, and cannot be read for itself
            with pytest.raises(RejectedPushError):
                READER.read(memoryview(deep % (b'{"a":' * depth, b"}" * depth)), NOW)

    @pytest.mark.parametrize("name", ["account", "channel", "priority", "send_at", "template_id", "data"])
    def test_an_openid_in_the_wrong_field_is_not_repeated(self, name):
        assert refusal(**{name: OPENID, "expire_at": "x"})

    def test_what_a_complaint_repeats_is_bounded(self):
        like_msgspec = " - at `$x", "x - at `$", "`"
        made_up = [name * 2000 for name in ("x", *like_msgspec)] + ["x" * 5000 + name for name in like_msgspec]
        for changes in ({"priority": "x" * 5000}, {"channel": "x" * 100}, *({name: 1} for name in made_up)):
            assert len(refusal(**changes)) < 400

    def test_an_upstream_without_a_list_may_use_every_account(self):
        everyone = PushReader(Upstream(name="fines", key=UpstreamKey("k")), ACCOUNTS)
        assert everyone.read(msgspec.Raw(json.dumps(ITEM | {"account": "tax"}).encode()), NOW).account == "tax"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from([*ITEM, "priority", "send_at", "tags", "url", "miniprogram"]), JSON) | JSON)
def test_any_json_is_a_push_or_a_complaint(item):
    changed = ITEM | item if isinstance(item, dict) else item
    with suppress(RejectedPushError):
        assert isinstance(READER.read(msgspec.Raw(json.dumps(changed).encode()), NOW), NewPush)
