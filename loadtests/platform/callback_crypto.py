"""Signing and encrypting callbacks (§1.1, §1.3), written a second time so that it can check Tidegate's own."""

import base64
import binascii
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
"""PKCS#7 is used with 32-byte blocks here, not with AES's own 16."""

_RANDOM = 16
_LENGTH = 4
_KEY_CHARACTERS = 43


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 of the sorted parts, joined without a separator."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def decode_key(aes_key: str) -> bytes:
    """The 32 bytes of a 43-character EncodingAESKey. Raises ValueError."""
    if len(aes_key) != _KEY_CHARACTERS:
        raise ValueError("an EncodingAESKey has 43 characters")
    return base64.b64decode(aes_key + "=")


class CallbackCipher:
    """Encrypts for, and decrypts from, one account; `receive_id` is its appid."""

    def __init__(self, aes_key: str, receive_id: str) -> None:
        key = decode_key(aes_key)
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:_RANDOM]))
        self._receive_id = receive_id.encode()

    def encrypt(self, message: bytes, random: bytes) -> str:
        """Base64 of the encrypted random16 + length + message + receive id."""
        plain = b"".join((random, len(message).to_bytes(_LENGTH, "big"), message, self._receive_id))
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, text: str) -> bytes:
        """The message. Raises ValueError if any part does not fit: Base64, padding, length, receive id."""
        try:
            data = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("not Base64") from error
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1] if plain else 0
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise ValueError("wrong padding")
        start = _RANDOM + _LENGTH
        end = start + int.from_bytes(plain[_RANDOM:start], "big")
        if plain[end:-pad] != self._receive_id:
            raise ValueError("wrong length or receive id")
        return plain[start:end]
