"""The platform's message encryption: AES-256-CBC with an EncodingAESKey.

A plaintext is 16 random bytes, the message's length (4 bytes, big-endian), the message, and the id of who receives it
(the app id; WeCom: the corp id). It is padded as PKCS#7 but to blocks of 32, so a stock unpadder refuses half of all
messages. The IV is the first half of the key. (Platform documentation, 消息加解密说明.)

The ciphertext carries no authentication of its own: call `decrypt` only after `msg_signature` over it has been checked,
or the padding errors become an oracle.
"""

import binascii
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.callbacks.rejection import UnreadableCallbackError
from queues.account import ENCODING_AES_KEY

_AES_BLOCK = 16
_PAD_BLOCK = 32
_SALT_BYTES = 16
_HEAD_BYTES = _SALT_BYTES + 4


class UndecryptableError(UnreadableCallbackError):
    """The ciphertext was not made with this account's key for this account."""


class MessageCipher:
    """Encrypts and decrypts for one account."""

    def __init__(self, encoding_aes_key: str, receive_id: str) -> None:
        """Take the key as the console shows it.

        The last of its 43 characters carries four bits only, so several keys differ in it and are the same; it is
        decoded leniently, as the platform does.

        Raises:
            ValueError: the key is not 43 letters and digits.
        """
        if not ENCODING_AES_KEY.fullmatch(encoding_aes_key):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        key = binascii.a2b_base64(encoding_aes_key + "=")
        self._cipher = Cipher(AES256(key), CBC(key[:_AES_BLOCK]))
        self._receive_id = receive_id.encode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message in the Base64 text of an `Encrypt` element or an encrypted echostr.

        Raises:
            UndecryptableError: not Base64, cut short, another key, or meant for another receiver.
        """
        try:
            ciphertext = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:  # binascii.Error, or text that is not ASCII
            raise UndecryptableError("Encrypt is not Base64") from error
        if not ciphertext or len(ciphertext) % _AES_BLOCK:
            raise UndecryptableError("the ciphertext is cut short")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        pad = padded[-1]
        plaintext = padded[:-pad]
        if not 1 <= pad <= _PAD_BLOCK or not padded.endswith(bytes((pad,)) * pad) or len(plaintext) < _HEAD_BYTES:
            raise UndecryptableError("the ciphertext does not decrypt: compare aes_key with the platform's console")
        end = _HEAD_BYTES + int.from_bytes(plaintext[_SALT_BYTES:_HEAD_BYTES], "big")
        if end > len(plaintext):
            raise UndecryptableError("the decrypted message is shorter than it says")
        if plaintext[end:] != self._receive_id:
            raise UndecryptableError("the message is meant for another app_id")
        return plaintext[_HEAD_BYTES:end]

    def encrypt(self, message: bytes, salt: bytes | None = None) -> str:
        """The Base64 text for an encrypted reply; `salt` is 16 fresh random bytes unless a test fixes them."""
        salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
        plaintext = salt + len(message).to_bytes(4, "big") + message + self._receive_id
        pad = _PAD_BLOCK - len(plaintext) % _PAD_BLOCK
        encryptor = self._cipher.encryptor()
        ciphertext = encryptor.update(plaintext + bytes((pad,)) * pad) + encryptor.finalize()
        return binascii.b2a_base64(ciphertext, newline=False).decode()
