"""Callbacks: whatever is posted becomes an event or a refusal whose words may be shown to anyone."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from gateway.callbacks.body import parse_body
from gateway.callbacks.crypto import MessageCipher
from gateway.callbacks.key_rotation import RotatingCipher
from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import RejectedCallbackError, UnreadableCallbackError
from queues.event import CallbackEvent
from tests.fuzz.mutation import mutated
from tests.gateway.samples import (
    AES_KEY,
    APP_ID,
    NOW,
    OPENID,
    PLAIN,
    RECEIPT,
    SECURE,
    TOKEN,
    V3_ENCRYPT,
    encrypted,
    event,
    message,
    query,
)

_JSON = (
    b'{"ToUserName":"gh_0a1b2c3d4e5f","FromUserName":"o1","CreateTime":1,"MsgType":"text","MsgId":23588765432109876}'
)
_XML_SCRAPS = (
    b"<", b">", b"</", b"/>", b"<xml>", b"</xml>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0'?>",
    b'<?xml version="1.0" encoding="GBK"?>', b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", b"&e;", b"&#0;",
    b"&#xD800;", b"<a>" * 40, b"<MsgType>", b"<Encrypt>", b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\xc3", b"{", b"}",
    b'"', b"[" * 200, b"1e999", b"NaN", b"\\ud800", b"FromUserName", b"9" * 30,
)  # fmt: skip
BODIES = mutated([RECEIPT, message(), event("SCAN", "<EventKey>1</EventKey>"), _JSON], _XML_SCRAPS)
ENCRYPTED_QUERY, ENCRYPTED_BODY = encrypted(message())


def read_or_refuse(reader: CallbackReader, asked: bytes, body: bytes) -> CallbackEvent | None:
    """The event, or None for a refusal that tells nothing it must not."""
    try:
        return reader.read(asked, body, NOW)
    except RejectedCallbackError as refusal:
        words = f"{refusal} {refusal.title}"
        assert not [secret for secret in (OPENID, TOKEN, AES_KEY) if secret in words]
        return None


@given(BODIES)
def test_any_body_is_an_event_or_refused(body: bytes):
    found = read_or_refuse(CallbackReader(PLAIN, 600), query(), body)
    if found is not None:
        assert found.body == body
        assert found.type
        assert len(found.identity) == 16


@given(BODIES)
def test_any_encrypted_body_is_an_event_or_refused(body: bytes):
    asked, outer = encrypted(body)
    found = read_or_refuse(CallbackReader(SECURE, 600), asked, outer)
    if found is not None:
        assert found.body == body


@given(mutated([query(), ENCRYPTED_QUERY], (b"&", b"=", b"%", b"%00", b"%zz", b"+", b"timestamp=", b"&nonce=1")))
def test_only_the_signed_query_is_taken(asked: bytes):
    found = read_or_refuse(CallbackReader(PLAIN, 600), asked, message())
    if found is not None:  # changed where the signature does not look
        values = dict(pair.split(b"=", 1) for pair in asked.split(b"&"))
        good = dict(pair.split(b"=", 1) for pair in query().split(b"&"))
        assert {name: values[name] for name in (b"signature", b"timestamp", b"nonce")}.items() <= good.items()


@given(mutated([ENCRYPTED_BODY], _XML_SCRAPS))
def test_a_changed_ciphertext_is_never_an_event(body: bytes):
    found = read_or_refuse(CallbackReader(SECURE, 600), ENCRYPTED_QUERY, body)
    assert found is None or found.body == message()


@given(mutated([V3_ENCRYPT.encode()], (b"=", b"A", b"+", b"/", b"\n", b"A" * 16, b"A" * 64)))
def test_decryption_fails_in_one_way_only(text: bytes):
    with contextlib.suppress(UnreadableCallbackError):
        RotatingCipher([AES_KEY, "a" * 43], APP_ID).decrypt(text.decode("latin-1"))


@given(st.binary(max_size=300))
def test_what_was_encrypted_is_decrypted_and_never_with_another_key(text: bytes):
    sealed = MessageCipher(AES_KEY, APP_ID).encrypt(text)
    assert MessageCipher(AES_KEY, APP_ID).decrypt(sealed) == text
    try:
        MessageCipher("a" * 43, APP_ID).decrypt(sealed)
    except UnreadableCallbackError:
        return
    raise AssertionError("another key opened it")


@given(st.binary(max_size=400))
def test_bytes_at_random_are_read_or_refused(body: bytes):
    with contextlib.suppress(UnreadableCallbackError):
        parse_body(body)
