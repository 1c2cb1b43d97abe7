"""A callback's body: the fields that are read, and the XML and JSON that are refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.callbacks.body import CallbackFields, parse_body
from gateway.callbacks.rejection import RejectedCallbackError, UnreadableCallbackError
from tests.gateway.samples import OPENID, ORIGINAL_ID, RECEIPT, event, message

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><ToUserName>&c;</ToUserName></xml>"""
XXE = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><ToUserName>&e;</ToUserName></xml>"""
EXTERNAL_DTD = b"""<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xml><ToUserName>a</ToUserName></xml>"""


def refused(body: bytes) -> str:
    with pytest.raises(UnreadableCallbackError) as rejection:
        parse_body(body)
    assert (rejection.value.status, rejection.value.result) == (400, "rejected_parse")
    return str(rejection.value)


def test_receipt_is_read_with_its_msgid_whole():
    assert parse_body(RECEIPT) == CallbackFields(
        account_id=ORIGINAL_ID,
        sender=OPENID,
        created="1714112600",
        type="event",
        event="TEMPLATESENDJOBFINISH",
        job_id="3557254367693750277",
        status="failed:user block",
    )


def test_message_id_and_job_id_are_told_apart():
    assert parse_body(message()).message_id == "23588765432109876"
    assert parse_body(message()).job_id == ""


def test_only_the_top_level_counts():
    fields = parse_body(event("pic_weixin", "<SendPicsInfo><Event>inner</Event><MsgID>7</MsgID></SendPicsInfo>"))
    assert (fields.event, fields.job_id) == ("pic_weixin", "")


def test_markup_within_cdata_is_text():
    body = event("CLICK", "<EventKey><![CDATA[<!DOCTYPE x><a>&amp;]]]]><![CDATA[>]]></EventKey>")
    assert parse_body(body).key == "<!DOCTYPE x><a>&amp;]]>"


def test_predefined_entities_are_resolved():
    assert parse_body(event("VIEW", "<EventKey>https://example.test/?a=1&amp;b=2&#20320;</EventKey>")).key == (
        "https://example.test/?a=1&b=2你"
    )


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"\r\n ", b'<?xml version="1.0" encoding="UTF-8"?>'])
def test_what_may_stand_before_the_root(prefix):
    assert parse_body(prefix + message()).sender == OPENID


@pytest.mark.parametrize("body", [XXE, BILLION_LAUGHS, EXTERNAL_DTD, b"<!DOCTYPE xml><xml/>"])
def test_a_document_type_is_refused_before_its_entities(body):
    assert "document type" in refused(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"hello",
        b"<xml>",
        b"<xml></lmx>",
        b"<xml/><xml/>",
        b"<xml>&undefined;</xml>",
        b"<xml>\xff</xml>",
        b"<xml>\x00</xml>",
        message()[:-1],
        message().decode().encode("utf-16"),
        message().decode().encode("utf-16-be"),
    ],
)
def test_broken_xml_is_refused(body):
    assert "malformed" in refused(body)


@pytest.mark.parametrize("encoding", ["GBK", "ISO-8859-1", "UTF-16"])
def test_another_declared_encoding_is_refused(encoding):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    assert "UTF-8" in refused(declaration + message())


def test_deep_nesting_is_refused():
    assert "nested" in refused(b"<a>" * 20_000 + b"</a>" * 20_000)


def test_too_many_elements_are_refused():
    assert "too many" in refused(b"<xml>" + b"<a/>" * 5000 + b"</xml>")


def test_a_repeated_field_is_refused():
    assert refused(message("<ToUserName>other</ToUserName>")) == "the XML repeats ToUserName"


def as_json(**changes: object) -> bytes:
    fields = {
        "ToUserName": ORIGINAL_ID,
        "FromUserName": OPENID,
        "CreateTime": "1714112600",
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": 3557254367693750277,
        "Status": "failed:user block",
    }
    return json.dumps(fields | changes).encode()


def test_json_gives_the_same_fields_as_xml():
    assert parse_body(as_json()) == parse_body(RECEIPT)
    assert parse_body(b"\n " + as_json(CreateTime=1714112600, MsgID="3557254367693750277")) == parse_body(RECEIPT)


@pytest.mark.parametrize("items", [{"TemplateId": "T"}, [{"TemplateId": "T"}, {"TemplateId": "U"}], []])
def test_json_list_may_be_an_object_when_it_has_one_item(items):
    assert parse_body(as_json(Event="subscribe_msg_popup_event", List=items)).event == "subscribe_msg_popup_event"


def test_json_may_have_raw_control_characters_in_its_strings():
    assert parse_body(as_json().replace(b"user block", b"user\x01block")).status == "failed:user\x01block"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}x",
        b'{"a":\xff}',
        b'{"a":NaN}',
        b'{"MsgType":"text","MsgType":"event"}',
        b'{"a":' * 50_000,
        b'{"a":' + b"[" * 50_000,
        as_json(FromUserName={"a": 1}),
        as_json(FromUserName=["a"]),
        as_json(FromUserName=True),
        as_json(FromUserName="\ud800"),
    ],
)
def test_broken_json_is_refused(body):
    assert "JSON" in refused(body)


def test_json_numbers_without_end_are_only_text():
    assert parse_body(as_json().replace(b"3557254367693750277", b"1" * 20_000)).job_id == "1" * 20_000


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_is_read_or_refused(body):
    with suppress(RejectedCallbackError):
        parse_body(body)
