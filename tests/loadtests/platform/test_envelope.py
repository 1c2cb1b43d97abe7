"""Fact sheet §1.2: what a delivery looks like in each mode; checked by another implementation, wechatpy."""

import random
from urllib.parse import parse_qs

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from loadtests.platform import callbacks
from loadtests.platform.envelope import Envelope
from loadtests.platform.options import CallbackKeys

KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
CALLBACK = callbacks.text("gh_1", "oSomebody00000000000000000001", 1_714_112_445, 23588765432109876, "a ]]> b <&> 你好")
NOW = 1_714_112_446.7


def envelope(mode):
    keys = CallbackKeys(mode=mode, token="gwTestToken01", aes_key=KEY, app_id="wx0123456789abcdef", original_id="gh_1")
    return Envelope(keys, random.Random(1))


def query_of(delivery):
    return {name: values[0] for name, values in parse_qs(delivery.query).items()}


def test_1_2_plaintext_carries_the_fields_as_they_are():
    delivery = envelope("plaintext").wrap(CALLBACK, NOW)
    query = query_of(delivery)
    check_signature("gwTestToken01", query["signature"], query["timestamp"], query["nonce"])
    assert query["timestamp"] == "1714112446"
    assert query["openid"] == CALLBACK.openid
    assert "encrypt_type" not in query
    assert delivery.body == CALLBACK.xml


@pytest.mark.parametrize("mode", ["compatible", "secure"])
def test_1_2_encrypted_modes_are_read_by_another_implementation(mode):
    delivery = envelope(mode).wrap(CALLBACK, NOW)
    query = query_of(delivery)
    check_signature("gwTestToken01", query["signature"], query["timestamp"], query["nonce"])
    assert query["encrypt_type"] == "aes"
    crypto = WeChatCrypto("gwTestToken01", KEY, "wx0123456789abcdef")
    message = crypto.decrypt_message(delivery.body, query["msg_signature"], query["timestamp"], query["nonce"])
    assert message.encode() == CALLBACK.xml


def test_1_2_secure_mode_shows_nothing_but_the_account():
    body = envelope("secure").wrap(CALLBACK, NOW).body
    assert body.startswith(b"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt>")
    assert b"FromUserName" not in body


def test_1_2_compatible_mode_shows_the_fields_too():
    body = envelope("compatible").wrap(CALLBACK, NOW).body
    assert body.startswith(CALLBACK.xml.removesuffix(b"</xml>"))
    assert b"<Encrypt>" in body


def test_8_each_delivery_has_its_own_nonce_and_random():
    wrapper = envelope("secure")
    first, second = wrapper.wrap(CALLBACK, NOW), wrapper.wrap(CALLBACK, NOW)
    assert query_of(first)["nonce"] != query_of(second)["nonce"]
    assert first.body != second.body
