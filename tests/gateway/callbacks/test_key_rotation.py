"""While one EncodingAESKey replaces another, callbacks in either are read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.callbacks.crypto import MessageCipher, UndecryptableError
from gateway.callbacks.key_rotation import RotatingCipher
from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import UnreadableCallbackError
from queues.secret import Secret
from tests.gateway.samples import AES_KEY, APP_ID, NOW, SECURE, encrypted, message

NEW_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
ROTATING = msgspec.structs.replace(SECURE, aes_key=Secret(NEW_KEY), aes_key_previous=Secret(AES_KEY))


@given(st.binary(max_size=200), st.sampled_from([NEW_KEY, AES_KEY]))
def test_what_either_key_encrypted_is_decrypted(text: bytes, key: str):
    rotating = RotatingCipher([NEW_KEY, AES_KEY], APP_ID)
    assert rotating.decrypt(MessageCipher(key, APP_ID).encrypt(text)) == text


@given(st.binary(max_size=200))
def test_what_neither_encrypted_is_not(text: bytes):
    stranger = MessageCipher("a" * 43, APP_ID).encrypt(text)
    with pytest.raises(UndecryptableError):
        RotatingCipher([NEW_KEY, AES_KEY], APP_ID).decrypt(stranger)


@pytest.mark.parametrize("key", [NEW_KEY, AES_KEY])
def test_a_callback_in_either_key_is_read(key: str):
    asked, body = encrypted(message(), key=key)
    assert CallbackReader(ROTATING, 600).read(asked, body, NOW).body == message()


def test_a_repeat_in_the_other_key_is_known_as_a_repeat():
    reader = CallbackReader(ROTATING, 600)
    identities = {reader.read(*encrypted(message(), key=key), NOW).identity for key in (NEW_KEY, AES_KEY)}
    assert len(identities) == 1


def test_without_the_previous_key_its_callbacks_are_unreadable():
    asked, body = encrypted(message(), key=AES_KEY)
    reader = CallbackReader(msgspec.structs.replace(SECURE, aes_key=Secret(NEW_KEY)), 600)
    with pytest.raises(UnreadableCallbackError, match="compare aes_key"):
        reader.read(asked, body, NOW)
