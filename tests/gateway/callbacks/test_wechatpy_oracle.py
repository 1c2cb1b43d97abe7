"""An independent implementation agrees, both ways: wechatpy signs and encrypts for us, and we for it."""

import pytest
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WeComCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.parser import parse_message
from wechatpy.utils import WeChatSigner
from wechatpy.utils import check_signature as wechatpy_checks

from gateway.callbacks.crypto import MessageCipher
from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import ForgedCallbackError
from gateway.callbacks.signature import check_signature, sign
from queues.account import Account
from queues.secret import Secret
from tests.gateway.samples import (
    AES_KEY,
    APP_ID,
    NONCE,
    NOW,
    OPENID,
    RECEIPT,
    SECURE,
    TIMESTAMP,
    TOKEN,
    encrypted,
    event,
    message,
    query,
)

BODIES = [message(), RECEIPT, event("subscribe", "<EventKey></EventKey>"), "你好 世界".encode() * 9, b"x"]


@pytest.mark.parametrize("token", ["AAAAA", "zzz999", "0"])
def test_each_accepts_the_others_signature(token):
    wechatpy_checks(token, sign(token, TIMESTAMP, NONCE), TIMESTAMP, NONCE)
    signer = WeChatSigner()
    signer.add_data(token, TIMESTAMP, NONCE)
    check_signature(signer.signature, token, TIMESTAMP, NONCE)


def test_each_refuses_a_wrong_signature():
    with pytest.raises(InvalidSignatureException):
        wechatpy_checks(TOKEN, sign("other", TIMESTAMP, NONCE), TIMESTAMP, NONCE)
    with pytest.raises(ForgedCallbackError):
        check_signature(sign("other", TIMESTAMP, NONCE), TOKEN, TIMESTAMP, NONCE)


@pytest.mark.parametrize("body", BODIES)
def test_we_decrypt_what_it_encrypts(body):
    outer = xmltodict.parse(WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(body.decode(), NONCE, TIMESTAMP))
    assert sign(TOKEN, TIMESTAMP, NONCE, outer["xml"]["Encrypt"]) == outer["xml"]["MsgSignature"]
    assert MessageCipher(AES_KEY, APP_ID).decrypt(outer["xml"]["Encrypt"]) == body


@pytest.mark.parametrize("body", BODIES)
def test_it_decrypts_what_we_encrypt(body):
    text = MessageCipher(AES_KEY, APP_ID).encrypt(body)
    signature = sign(TOKEN, TIMESTAMP, NONCE, text)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    assert crypto.decrypt_message({"Encrypt": text}, signature, TIMESTAMP, NONCE).encode() == body


def test_a_whole_callback_of_its_making_is_read():
    reply = WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(message().decode(), NONCE, TIMESTAMP)
    asked = query(encrypt_type="aes", msg_signature=xmltodict.parse(reply)["xml"]["MsgSignature"])
    assert CallbackReader(SECURE, 600).read(asked, reply.encode(), NOW).recipient == OPENID


def test_it_reads_a_whole_callback_of_our_making():
    asked, outer = encrypted(message())
    signature = dict(pair.split("=") for pair in asked.decode().split("&"))["msg_signature"]
    read = WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message(outer, signature, TIMESTAMP, NONCE)
    assert read.encode() == message()


def test_wecom_echostr_is_answered_alike():
    key, corp_id = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a"
    echostr = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
    signature = sign("123456", "1411443780", "437374425", echostr)
    theirs = WeComCrypto("123456", key, corp_id).check_signature(signature, "1411443780", "437374425", echostr)
    account = Account(name="c", kind="wecom", app_id=corp_id, token=Secret("123456"), aes_key=Secret(key))
    asked = f"msg_signature={signature}&timestamp=1411443780&nonce=437374425&echostr={echostr}".encode()
    assert CallbackReader(account, 0).answer_verification(asked, NOW).decode() == theirs


@pytest.mark.parametrize(
    "body",
    [
        message(),
        RECEIPT,
        event("subscribe", "<EventKey></EventKey>"),
        event("SCAN", "<EventKey>42</EventKey><Ticket>t</Ticket>"),
        event("CLICK", "<EventKey><![CDATA[menu-1]]></EventKey>"),
        event("VIEW", "<EventKey>https://example.test/?a=1&amp;b=2</EventKey>"),
        event("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>1</Precision>"),
    ],
)
def test_both_see_the_same_fields(body):
    ours = CallbackReader(SECURE, 600).read(*encrypted(body), NOW)
    theirs = parse_message(body)
    assert (ours.recipient, ours.type) == (theirs.source, theirs.type)
    assert ours.created == int(theirs._data["CreateTime"])
    assert ours.name == getattr(theirs, "event", "")
    assert ours.msgid == (theirs._data.get("MsgId") or theirs._data.get("MsgID") or "")
    assert ours.key == (theirs._data.get("EventKey") or "")
    assert ours.status == (theirs._data.get("Status") or "")
