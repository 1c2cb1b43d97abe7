"""The short cut for flat documents: whatever it takes, the parser reads in the same way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.callbacks.body import CallbackFields, parse_body, parse_xml
from gateway.callbacks.flat_xml import read_flat
from gateway.callbacks.rejection import UnreadableCallbackError
from tests.gateway.samples import OPENID, RECEIPT, event, message

NAMES = st.sampled_from(
    ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "MsgID", "Status", "a", "_b1", "1c", "é"]
)
TEXTS = st.text(st.sampled_from("ab1 <>&;[]!-?/'\"\t\n\r\x0b\x00\x1f\x7f\x85你\ufffe\uffff\U0001f600"), max_size=8)
ELEMENTS = st.builds(
    lambda name, other, text, form: form.format(name=name, other=other, text=text),
    NAMES,
    NAMES,
    TEXTS,
    st.sampled_from(
        [
            "<{name}>{text}</{name}>",
            "<{name}><![CDATA[{text}]]></{name}>",
            "<{name}><![CDATA[{text}]]> </{name}>",
            "<{name}>{text}</{other}>",
            "<{name} >{text}</{name}>",
            "<{name} a='1'>{text}</{name}>",
            "<{name}/>",
            "<{name}><{other}>{text}</{other}></{name}>",
            "<!--{text}-->",
            "<?{name} {text}?>",
            "{text}",
            " \n",
        ]
    ),
)
DOCUMENTS = st.builds(
    lambda before, elements, after: f"{before}<xml>{''.join(elements)}</xml>{after}".encode(),
    st.sampled_from(["", "", "", " ", "\ufeff", "<?xml version='1.0'?>", "<!DOCTYPE xml>"]),
    st.lists(ELEMENTS, max_size=5),
    st.sampled_from(["", "", "\n", " \t", "\x0c", "<xml></xml>", "x"]),
)


def outcome(read, body: bytes) -> CallbackFields | str:
    try:
        return read(body)
    except UnreadableCallbackError:
        return "refused"


@given(DOCUMENTS)
@example(RECEIPT)
@example(message())
@example(b"<xml><a>]]></a></xml>")
@example(b"<xml><a><![CDATA[]]></a></xml>")
@example(b"<xml><Status>x</Status><Status>x</Status></xml>")
def test_with_and_without_the_short_cut_a_document_reads_the_same(body):
    assert outcome(parse_body, body) == outcome(parse_xml, body)


@pytest.mark.parametrize("body", [RECEIPT, message(), event("SCAN", "<EventKey>campaign42</EventKey>")])
def test_a_real_callback_with_any_byte_changed_reads_the_same(body):
    for position in range(len(body)):
        for byte in b"<>&;[]!-/? a\t\n\r\x0b\x00\x7f\xff":
            changed = body[:position] + bytes([byte]) + body[position + 1 :]
            assert outcome(parse_body, changed) == outcome(parse_xml, changed)


@pytest.mark.parametrize("body", [RECEIPT, message(), event("subscribe")])
def test_what_the_platform_sends_takes_the_short_cut(body):
    assert read_flat(body, {"FromUserName": "sender"}, 100) == {"sender": OPENID}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml><a>&amp;</a></xml>",
        b"<xml><a>\r\n</a></xml>",
        b"<xml><a>\xff</a></xml>",
        b"<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"<xml><a>1</a>x<b>2</b> </xml>",
        b"<xml>" + 100 * b"<b></b>" + b"</xml>",
    ],
)
def test_anything_else_is_left_to_the_parser(body):
    assert read_flat(body, {"a": "a"}, 100) is None


@pytest.mark.parametrize(
    "hostile", [b" ", b"<", b"<a>", b"<![CDATA[", b"]", b"a", b"<a> ", b"</a>"], ids=lambda hostile: hostile.decode()
)
def test_a_hostile_body_is_looked_through_once(hostile):
    body = b"<xml>" + 1_000_000 // len(hostile) * hostile + b"x</xml>"  # an hour, if looked through from each byte
    assert read_flat(body, {"a": "a"}, 100) is None
