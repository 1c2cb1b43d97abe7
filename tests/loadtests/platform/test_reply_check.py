"""Fact sheet §1.4: which answers stop the platform from asking again."""

import random

import pytest
from wechatpy.crypto import WeChatCrypto

from loadtests.platform import callbacks
from loadtests.platform.envelope import Envelope
from loadtests.platform.options import CallbackKeys
from loadtests.platform.reply_check import accepts

KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
CALLBACK = callbacks.text("gh_1", "oSomebody", 1_714_112_445, 1, "hello")
REPLY = (
    "<xml><ToUserName><![CDATA[oSomebody]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName>"
    "<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hi]]></Content></xml>"
)


def verdict(status, body, mode="plaintext"):
    keys = CallbackKeys(mode=mode, token="token1", aes_key=KEY, app_id="wx1", original_id="gh_1")
    envelope = Envelope(keys, random.Random(1))
    return accepts(status, body, callback=CALLBACK, envelope=envelope)


def encrypted_reply():
    return WeChatCrypto("token1", KEY, "wx1").encrypt_message(REPLY, "nonce1", "1714112446").encode()


@pytest.mark.parametrize("mode", ["plaintext", "compatible", "secure"])
@pytest.mark.parametrize("body", [b"", b"success"])
def test_1_4_nothing_and_success_are_enough_in_every_mode(body, mode):
    assert verdict(200, body, mode)


@pytest.mark.parametrize("status", [201, 204, 302, 403, 500, 503])
def test_1_4_any_other_status_is_a_failure(status):
    assert not verdict(status, b"success")


def test_1_4_a_reply_with_the_ids_swapped_is_enough():
    assert verdict(200, REPLY.encode())


@pytest.mark.parametrize(
    "body",
    [
        b'"success"',
        b"success\n",
        b"ok",
        b'{"errcode":0}',
        b"<xml>",
        REPLY.replace("oSomebody", "gh_1").encode(),
        REPLY.replace("</xml>", "").encode(),
        REPLY.encode() + b" " * 70_000,
    ],
)
def test_7_11_abnormal_answers_are_failures(body):
    assert not verdict(200, body)


def test_1_2_secure_mode_wants_its_replies_encrypted():
    assert verdict(200, encrypted_reply(), "secure")
    assert not verdict(200, REPLY.encode(), "secure")


def test_1_2_compatible_mode_takes_either():
    assert verdict(200, encrypted_reply(), "compatible")
    assert verdict(200, REPLY.encode(), "compatible")


def test_1_2_plaintext_mode_takes_no_encrypted_reply():
    assert not verdict(200, encrypted_reply())


def test_a_forged_encrypted_reply_is_a_failure():
    assert not verdict(200, encrypted_reply().replace(b"nonce1", b"nonce2"), "secure")
