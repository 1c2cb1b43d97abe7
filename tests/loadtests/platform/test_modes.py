"""Fact sheet §1.2, §1.4 and §1.8: JSON pushes, WeCom's envelope, and what counts as an answer."""

import json
import random
from urllib.parse import parse_qs

import pytest

from loadtests.platform import callbacks
from loadtests.platform.callback_crypto import CallbackCipher, sign
from loadtests.platform.envelope import Envelope
from loadtests.platform.options import CallbackKeys
from loadtests.platform.reply_check import accepts

KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
CALLBACK = callbacks.text("gh_1", "oA", 1_714_112_445, 7, "hello")


def envelope(mode="plaintext", **changes):
    given = {"mode": mode, "token": "t", "aes_key": KEY, "app_id": "wx1", "original_id": "gh_1"}
    return Envelope(CallbackKeys(**given | changes), random.Random(1))


def test_1_2_json_in_plaintext():
    delivery = envelope(format="json").wrap(CALLBACK, 1)
    assert json.loads(delivery.body)["Content"] == "hello"
    assert "encrypt_type" not in delivery.query


def test_1_2_json_in_compatible_mode_has_the_fields_and_encrypt():
    body = json.loads(envelope("compatible", format="json").wrap(CALLBACK, 1).body)
    plain = CallbackCipher(KEY, "wx1").decrypt(body.pop("Encrypt"))
    assert json.loads(plain) == body


def test_1_2_json_in_secure_mode_has_only_the_name_and_encrypt():
    delivery = envelope("secure", format="json").wrap(CALLBACK, 1)
    body = json.loads(delivery.body)
    assert set(body) == {"ToUserName", "Encrypt"}
    query = {name: values[0] for name, values in parse_qs(delivery.query).items()}
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == sign("t", query["timestamp"], query["nonce"], body["Encrypt"])
    assert json.loads(CallbackCipher(KEY, "wx1").decrypt(body["Encrypt"]))["MsgId"] == "7"


def test_1_8_wecom_is_always_encrypted_and_has_no_other_signature():
    wecom = envelope(kind="wecom", app_id="ww1", agent_id=1_000_002)
    delivery = wecom.wrap(CALLBACK, 1)
    assert set(parse_qs(delivery.query)) == {"msg_signature", "timestamp", "nonce"}
    assert delivery.body.startswith(
        b"<xml><ToUserName><![CDATA[ww1]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID><Encrypt>"
    )


def reply(**changes):
    return json.dumps({"ToUserName": "oA", "FromUserName": "gh_1", "MsgType": "text"} | changes).encode()


def test_1_2_a_json_push_may_have_a_json_reply():
    assert accepts(200, reply(), callback=CALLBACK, envelope=envelope(format="json"))
    assert not accepts(200, reply(ToUserName="gh_1"), callback=CALLBACK, envelope=envelope(format="json"))
    assert not accepts(200, reply(), callback=CALLBACK, envelope=envelope())


@pytest.mark.parametrize("spelling", [str.lower, str])
def test_1_2_an_encrypted_json_reply_in_any_spelling(spelling):
    encrypted = CallbackCipher(KEY, "wx1").encrypt(reply(), b"0" * 16)
    fields = {
        "Encrypt": encrypted,
        "MsgSignature": sign("t", "1", "n", encrypted),
        "TimeStamp": 1,
        "Nonce": "n",
    }
    body = json.dumps({spelling(name): value for name, value in fields.items()}).encode()
    assert accepts(200, body, callback=CALLBACK, envelope=envelope("secure", format="json"))


def test_9_17_whether_the_status_counts_is_a_parameter():
    assert not accepts(500, b"success", callback=CALLBACK, envelope=envelope())
    assert accepts(500, b"success", callback=CALLBACK, envelope=envelope(), any_status=True)
    assert not accepts(500, b"oops", callback=CALLBACK, envelope=envelope(), any_status=True)


def test_1_4_for_wecom_the_status_is_all_that_counts():
    wecom = envelope(kind="wecom", app_id="ww1")
    assert accepts(200, b"anything", callback=CALLBACK, envelope=wecom)
    assert not accepts(500, b"success", callback=CALLBACK, envelope=wecom, any_status=True)
