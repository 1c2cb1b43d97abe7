"""Wraps a callback for one delivery: the query that signs it and the body, by the account's mode (§1.2)."""

import random
from collections.abc import Mapping
from urllib.parse import quote

from msgspec import Struct

from loadtests.options import Mode
from loadtests.platform.callback_crypto import CallbackCipher, sign
from loadtests.platform.callbacks import Callback


class Delivery(Struct, frozen=True, gc=False):
    """What one delivery puts on the wire: the query without its question mark, and the body."""

    query: str
    body: bytes


class Envelope:
    """Signs and encrypts for one account. Every delivery has its own nonce and random; the plaintext never changes."""

    def __init__(
        self, mode: Mode, *, token: str, aes_key: str, app_id: str, original_id: str, random_source: random.Random
    ) -> None:
        """Raises ValueError if the mode encrypts and the key is not an EncodingAESKey."""
        self.mode = mode
        self._token = token
        self.original_id = original_id
        self._random = random_source
        self._cipher = None if mode == "plaintext" else CallbackCipher(aes_key, app_id)

    def wrap(self, callback: Callback, now: float) -> Delivery:
        """One delivery at `now` seconds since the epoch."""
        timestamp = str(int(now))
        nonce = str(self._random.getrandbits(31))
        signature = sign(self._token, timestamp, nonce)
        openid = quote(callback.openid, safe="")
        query = f"signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={openid}"
        if self._cipher is None:
            return Delivery(query, callback.xml)
        encrypted = self._cipher.encrypt(callback.xml, self._random.randbytes(16))
        query += f"&encrypt_type=aes&msg_signature={sign(self._token, timestamp, nonce, encrypted)}"
        element = f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        if self.mode == "compatible":
            return Delivery(query, callback.xml.removesuffix(b"</xml>") + element.encode())
        return Delivery(query, f"<xml><ToUserName><![CDATA[{self.original_id}]]></ToUserName>{element}".encode())

    def open_reply(self, fields: Mapping[str, str]) -> bytes:
        """The message in an encrypted reply's fields; empty if the mode has no encryption, or it does not verify."""
        if self._cipher is None:
            return b""
        encrypted = fields.get("Encrypt", "")
        if sign(self._token, fields.get("TimeStamp", ""), fields.get("Nonce", ""), encrypted) != fields.get(
            "MsgSignature"
        ):
            return b""
        try:
            return self._cipher.decrypt(encrypted)
        except ValueError:
            return b""
