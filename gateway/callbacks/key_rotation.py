"""Two keys at once, while the platform's console changes one for the other.

Whoever resets the EncodingAESKey cannot change both sides in one moment, and the platform repeats for a while what it
encrypted before. With the old key kept as `aes_key_previous` nothing of that is refused. Trying a second key is no
oracle: the signature over the ciphertext has been checked, and it does not depend on either key.
"""

from collections.abc import Sequence

from gateway.callbacks.crypto import MessageCipher, UndecryptableError


class RotatingCipher:
    """Decrypts with the first key that fits, the current one first."""

    def __init__(self, encoding_aes_keys: Sequence[str], receive_id: str) -> None:
        """Take the keys as the console shows them, the current one first.

        Raises:
            ValueError: a key is not 43 letters and digits.
        """
        self._ciphers = [MessageCipher(key, receive_id) for key in encoding_aes_keys]

    def decrypt(self, encrypted: str) -> bytes:
        """The message in the Base64 text of an `Encrypt` element or an encrypted echostr.

        Raises:
            UndecryptableError: no key fits; the words are those for the current key.
        """
        current, *previous = self._ciphers
        try:
            return current.decrypt(encrypted)
        except UndecryptableError:
            for cipher in previous:
                try:
                    return cipher.decrypt(encrypted)
                except UndecryptableError:
                    continue
            raise
