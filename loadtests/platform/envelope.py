"""Wraps a callback for one delivery: the query that signs it and the body, by the account's mode (§1.2, §1.8)."""

import random
from collections.abc import Mapping
from urllib.parse import quote

import msgspec
from msgspec import Struct

from loadtests.platform.callback_crypto import CallbackCipher, sign
from loadtests.platform.callbacks import Callback
from loadtests.platform.markup import json_of
from loadtests.platform.options import CallbackKeys, Mode


class Delivery(Struct, frozen=True, gc=False):
    """What one delivery puts on the wire: the query without its question mark, and the body."""

    query: str
    body: bytes


class Envelope:
    """Signs and encrypts for one account. Every delivery has its own nonce and random; the plaintext never changes.

    A WeCom application is always secure; its query has neither `signature` nor `openid`, and `original_id` is the
    corpid.
    """

    def __init__(self, keys: CallbackKeys, random_source: random.Random) -> None:
        """Raises ValueError if the mode encrypts and the key is not an EncodingAESKey."""
        self.kind = keys.kind
        self.mode: Mode = "secure" if keys.kind == "wecom" else keys.mode
        self.form = keys.format
        self.original_id = keys.app_id if keys.kind == "wecom" else keys.original_id
        self.content_type = "application/json" if keys.format == "json" else "text/xml"
        self._token = keys.token
        self._agent_id = keys.agent_id
        self._random = random_source
        self._cipher = None if self.mode == "plaintext" else CallbackCipher(keys.aes_key, keys.app_id)

    def wrap(self, callback: Callback, now: float) -> Delivery:
        """One delivery at `now` seconds since the epoch."""
        timestamp = str(int(now))
        nonce = str(self._random.getrandbits(31))
        plain = json_of(callback.xml) if self.form == "json" else callback.xml
        encrypted = "" if self._cipher is None else self._cipher.encrypt(plain, self._random.randbytes(16))
        if self.kind == "wecom":
            signature = sign(self._token, timestamp, nonce, encrypted)
            query = f"msg_signature={signature}&timestamp={timestamp}&nonce={nonce}"
            return Delivery(query, self._outer(encrypted))
        signature = sign(self._token, timestamp, nonce)
        openid = quote(callback.openid, safe="")
        query = f"signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={openid}"
        if self._cipher is None:
            return Delivery(query, plain)
        query += f"&encrypt_type=aes&msg_signature={sign(self._token, timestamp, nonce, encrypted)}"
        if self.mode == "secure":
            return Delivery(query, self._outer(encrypted))
        if self.form == "json":
            return Delivery(query, plain[:-1] + f',"Encrypt":"{encrypted}"}}'.encode())
        return Delivery(
            query, plain.removesuffix(b"</xml>") + f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
        )

    def _outer(self, encrypted: str) -> bytes:
        if self.form == "json":
            return msgspec.json.encode({"ToUserName": self.original_id, "Encrypt": encrypted})
        agent = f"<AgentID><![CDATA[{self._agent_id}]]></AgentID>" if self.kind == "wecom" else ""
        element = f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return f"<xml><ToUserName><![CDATA[{self.original_id}]]></ToUserName>{agent}{element}".encode()

    def open_reply(self, fields: Mapping[str, str]) -> bytes:
        """The message in an encrypted reply's fields; empty if the mode has no encryption, or it does not verify."""
        if self._cipher is None:
            return b""
        encrypted = fields.get("Encrypt", "")
        time = fields.get("TimeStamp") or fields.get("Timestamp", "")  # the second spelling is seen too (§1.3)
        if sign(self._token, time, fields.get("Nonce", ""), encrypted) != fields.get("MsgSignature"):
            return b""
        try:
            return self._cipher.decrypt(encrypted)
        except ValueError:
            return b""
