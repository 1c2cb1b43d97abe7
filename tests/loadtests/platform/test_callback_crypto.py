"""Fact sheet §1.1 and §1.3: signatures and encryption, against the published vectors."""

import pytest

from loadtests.platform.callback_crypto import CallbackCipher, decode_key, sign

V3_KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
V3_MESSAGE = (
    "<xml><ToUserName><![CDATA[gh_0a1b2c3d4e5f]]></ToUserName>"
    "<FromUserName><![CDATA[oTESTopenid00000000000000001]]></FromUserName><CreateTime>1714112445</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 gateway]]></Content>"
    "<MsgId>23588765432109876</MsgId></xml>"
)
V3_ENCRYPTED = (
    "NxlNBnBvsVZj9tg5mVdG55VK/T+59xZIf970U3YnwtVVLlQdwvrCrw2n6zUeOaHaQfYfx6kq/JH296v2KKtCWpfLknOcVt20sIioMzwrB79g"
    "o446DerdAhDASIMeWe5m+203gaE1b1YKQXmLRlU18GGjFn2nZ3xtqc4BuTrGzrUYggpJKdG7hiHS4olcZrYTQonNYZMXFYzJdzEapqnCLV2z"
    "h37L92bx/O4//Y8XV105u3OtgugyGB77GT97vYVlFsDuxFs55ajH++waDYougm/FbTf92bkjKdrjtojG2qihalqSgLuwmB9S8CfAJI+Qe8OS"
    "jcdWyvDASxBtY2FSkmcCpoXLfnsHUD6KRxqJ89dWJ+r9Bvh9ZRHAhbQwCdevwnBvbVo9Tu+xg6tKF2giWAD2vE95UDJj21V0f0PhHas="
)
V4_ENCRYPTED = (
    "NxlNBnBvsVZj9tg5mVdG50ZKaZViBVDB9a7YuXXWxMUCXNq6LtSHuKtD1OqySo9lgRPqU6/dkMXhRrEchoVAA8c2ZDWtaQCtrqXYRc8s3QgP"
    "hGwvXTU4EwMPHC5ETSRd"
)


@pytest.fixture
def cipher():
    return CallbackCipher(V3_KEY, "wx0123456789abcdef")


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        (("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        (("gwTestToken01", "1714112445", "415670741"), "7b772114a8d98a753872a5aab68f49d500161e88"),
    ],
)
def test_1_1_signatures(parts, signature):
    assert sign(*parts) == signature


def test_v1_published_by_an_sdk():
    cipher = CallbackCipher("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6")
    encrypted = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    assert cipher.encrypt("我是中文abcd123".encode(), b"aaaabbbbccccdddd") == encrypted
    assert cipher.decrypt(encrypted).decode() == "我是中文abcd123"


def test_v3_a_full_push(cipher):
    assert len(V3_MESSAGE.encode()) == 279
    assert decode_key(V3_KEY).hex() == "6585d65544d24503ce34c2ca2481c61440c2040f7cefae78df6d74cf2c70bee0"
    assert cipher.encrypt(V3_MESSAGE.encode(), b"0123456789abcdef") == V3_ENCRYPTED
    assert cipher.decrypt(V3_ENCRYPTED).decode() == V3_MESSAGE
    signature = sign("gwTestToken01", "1714112445", "415670741", V3_ENCRYPTED)
    assert signature == "52ef2d8a175bb9bd4bc82b9f2fb9e7fb6625f723"


def test_v4_a_whole_block_of_padding(cipher):
    assert cipher.encrypt(b"abcdefghijklmnopqrstuvwxyz", b"0123456789abcdef") == V4_ENCRYPTED
    assert cipher.decrypt(V4_ENCRYPTED) == b"abcdefghijklmnopqrstuvwxyz"
    signature = sign("gwTestToken01", "1714112445", "415670741", V4_ENCRYPTED)
    assert signature == "9de792b9eb6c1ca00f2b119ba68d93f25cba6389"


@pytest.mark.parametrize("last", "ABCD")
def test_1_3_the_last_character_of_a_key_carries_four_bits_only(last):
    assert decode_key(V3_KEY[:-1] + last) == decode_key(V3_KEY)


@pytest.mark.parametrize("broken", ["", "not base64!", V4_ENCRYPTED[:-4], V4_ENCRYPTED[:64], "AAAA" * 16])
def test_what_does_not_decrypt_is_refused(cipher, broken):
    with pytest.raises(ValueError):  # noqa: PT011 - each part fails in words of its own
        cipher.decrypt(broken)


def test_1_3_another_accounts_message_is_refused(cipher):
    other = CallbackCipher(V3_KEY, "wxffffffffffffffff")
    with pytest.raises(ValueError, match="receive id"):
        cipher.decrypt(other.encrypt(b"hello", b"0123456789abcdef"))
