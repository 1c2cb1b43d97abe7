"""The platform's encryption: its published vectors, and what is refused."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from gateway.callbacks.crypto import MessageCipher, UndecryptableError
from gateway.callbacks.signature import sign
from tests.gateway.samples import (
    AES_KEY,
    APP_ID,
    NONCE,
    TIMESTAMP,
    TOKEN,
    V3_ENCRYPT,
    V3_MESSAGE,
    V3_MSG_SIGNATURE,
    V4_ENCRYPT,
    V4_MESSAGE,
    V4_MSG_SIGNATURE,
)

CIPHER = MessageCipher(AES_KEY, APP_ID)


def encrypt_raw(plaintext: bytes, pad: bytes) -> str:
    """Encrypt a plaintext and a padding of our choice."""
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plaintext + pad) + encryptor.finalize()).decode()


def framed(message: bytes, length: int | None = None, receive_id: bytes = APP_ID.encode()) -> bytes:
    length = len(message) if length is None else length
    return b"0" * 16 + length.to_bytes(4, "big") + message + receive_id


def test_v1_both_ways():
    cipher = MessageCipher("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6")
    encrypted = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    assert cipher.decrypt(encrypted).decode() == "我是中文abcd123"
    assert cipher.encrypt("我是中文abcd123".encode(), b"aaaabbbbccccdddd") == encrypted


def test_v2_wecom_echostr():
    cipher = MessageCipher("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a")
    encrypted = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
    assert sign("123456", "1411443780", "437374425", encrypted) == "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    assert cipher.decrypt(encrypted) == b"5927782489442352469"


def test_v3_a_whole_message():
    assert sign(TOKEN, TIMESTAMP, NONCE, V3_ENCRYPT) == V3_MSG_SIGNATURE
    assert CIPHER.decrypt(V3_ENCRYPT) == V3_MESSAGE
    assert CIPHER.encrypt(V3_MESSAGE, b"0123456789abcdef") == V3_ENCRYPT


def test_v4_a_full_block_of_padding():
    assert sign(TOKEN, TIMESTAMP, NONCE, V4_ENCRYPT) == V4_MSG_SIGNATURE
    assert CIPHER.decrypt(V4_ENCRYPT) == V4_MESSAGE
    assert CIPHER.encrypt(V4_MESSAGE, b"0123456789abcdef") == V4_ENCRYPT


def test_v5_wecom_echostr_with_plus_and_slash():
    cipher = MessageCipher("0123456789abcdefghijklmnopqrstuvwxyzABCDEFE", "ww1234567890abcdef")
    encrypted = "uU+smGio/6dxYvouO7FW61bFb1157iVPPjELw2M4ctwogvsN3Yfwvwg5+2Fg/nshCM97Pl2NUSh2gi+QqTlQsA=="
    assert sign("wecomTok9", "1714112500", "1597212914", encrypted) == "b737d5b6994c29116c3198cbefe11424a3c24995"
    assert cipher.decrypt(encrypted) == b"1616140317555161061"


@pytest.mark.parametrize("last", "ABCD")
def test_last_character_of_the_key_counts_four_bits(last):
    assert MessageCipher(AES_KEY[:-1] + last, APP_ID).decrypt(V3_ENCRYPT) == V3_MESSAGE


@pytest.mark.parametrize("key", ["", "short", AES_KEY + "A", AES_KEY[:-1] + "=", AES_KEY[:-1] + "\n"])
def test_key_of_another_form_is_a_configuration_error(key):
    with pytest.raises(ValueError, match="43 letters and digits"):
        MessageCipher(key, APP_ID)


@given(message=st.binary(max_size=200))
def test_whatever_is_encrypted_decrypts(message):
    assert CIPHER.decrypt(CIPHER.encrypt(message)) == message


def test_salt_is_fresh():
    assert CIPHER.encrypt(b"x") != CIPHER.encrypt(b"x")


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "====",
        "not base64!",
        "你好",
        V3_ENCRYPT[:-1],
        V3_ENCRYPT + "AAAA",
        V3_ENCRYPT[:40] + "\n" + V3_ENCRYPT[40:],
        V3_ENCRYPT[:64],  # whole blocks, but the end is missing
        base64.b64encode(base64.b64decode(V3_ENCRYPT)[:-16]).decode(),
        base64.b64encode(base64.b64decode(V3_ENCRYPT)[:-1]).decode(),
    ],
)
def test_truncated_or_garbled_ciphertext_is_refused(encrypted):
    with pytest.raises(UndecryptableError) as refused:
        CIPHER.decrypt(encrypted)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("message", "pad"),
    [
        (b"12345678", bytes(2)),  # a pad of 0
        (b"1234567", bytes((33,)) * 3),  # longer than a block
        (b"1234567", bytes((3, 4, 3))),  # its bytes differ
        (b"1234567", bytes((2, 3, 3))),
    ],
)
def test_wrong_padding_is_refused(message, pad):
    plaintext = framed(message)
    plaintext = plaintext + b"0" * (-(len(plaintext) + len(pad)) % 16)
    with pytest.raises(UndecryptableError, match="aes_key"):
        CIPHER.decrypt(encrypt_raw(plaintext, pad))


def test_padding_longer_than_all_else_is_refused():
    with pytest.raises(UndecryptableError):
        CIPHER.decrypt(encrypt_raw(b"", bytes((32,)) * 32))


def test_a_length_beyond_the_end_is_refused():
    with pytest.raises(UndecryptableError, match="shorter"):
        CIPHER.decrypt(encrypt_raw(framed(b"1234567890", 1000), bytes((16,)) * 16))


@pytest.mark.parametrize("receive_id", [b"", b"wx0123456789abcdeF", b"wx0123456789abcdef0", b"wx0123456789abcde"])
def test_a_message_for_another_receiver_is_refused(receive_id):
    plaintext = framed(b"hello", receive_id=receive_id)
    pad = 32 - len(plaintext) % 32
    with pytest.raises(UndecryptableError, match="another app_id"):
        CIPHER.decrypt(encrypt_raw(plaintext, bytes((pad,)) * pad))


def test_another_key_is_refused():
    with pytest.raises(UndecryptableError):
        MessageCipher("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", APP_ID).decrypt(V3_ENCRYPT)
