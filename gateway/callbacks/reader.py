"""What a callback is: verified, decrypted and parsed into an event, without any I/O.

How it works: a reader is made once for each account and knows how strictly that account's callbacks are read.

* An official account without `aes_key` is in plaintext mode: `signature` is checked, an encrypted body is refused.
* An official account with `aes_key` is in compatible or secure mode: `signature` and `msg_signature` are both checked,
  and only what was encrypted is read, even where plain fields stand beside it. A body with plain fields alone is
  refused with 403: neither signature covers plain fields, so taking them would let anyone who saw one query undo the
  encryption that the operator chose.
* WeCom always encrypts and signs with `msg_signature` alone.

`ToUserName` is checked against `original_id` where that is configured, and a mismatch is 403, not 400: the message is
well-formed, but nothing shows that it is meant for this account.
"""

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from gateway.callbacks.body import CallbackFields, parse_body
from gateway.callbacks.rejection import ForgedCallbackError, UnreadableCallbackError
from gateway.callbacks.signature import CallbackQuery, check_freshness, check_signature, parse_query
from queues.account import Account
from queues.event import CallbackEvent

if TYPE_CHECKING:
    from gateway.callbacks.key_rotation import RotatingCipher

_IDENTITY_BYTES = 16
_encoder = msgspec.msgpack.Encoder()
_MAX_NAME_LENGTH = 128  # ids, types and event names; the longest in use are 64
_MAX_KEY_LENGTH = 4096  # EventKey is a URL for VIEW
_MAX_STATUS_LENGTH = 256
_MAX_DIGITS = 20  # an unsigned 64-bit number
_MAX_TIME_DIGITS = 12


class CallbackReader:
    """Reads the callbacks of one account."""

    def __init__(self, account: Account, freshness_seconds: float) -> None:
        """Take the account's secrets.

        Raises:
            ValueError: `aes_key` or `aes_key_previous` is not an EncodingAESKey.
        """
        self._account = account.name
        self._kind = account.kind
        self._token = account.token.reveal()
        self._original_id = account.original_id
        self._freshness_seconds = freshness_seconds
        try:
            self._cipher = _cipher_of(account)
        except ValueError as error:
            raise ValueError(f"account {account.name}: aes_key: {error}") from error

    def answer_verification(self, query: bytes, now: float) -> bytes:
        """The body that proves to the platform's console that this URL is ours; `now` is seconds since the epoch.

        Official accounts get `echostr` back as it is, in every mode; WeCom's is encrypted and signed.

        Raises:
            RejectedCallbackError: it is not the platform that asks.
        """
        asked = self._parse_fresh(query, now)
        if not asked.echostr:
            raise ForgedCallbackError("the query string has no echostr")
        if self._kind == "official":
            check_signature(asked.signature, self._token, asked.timestamp, asked.nonce)
            return asked.echostr.encode()
        return self._decrypt(asked, asked.echostr)

    def read(self, query: bytes, body: bytes, now: float) -> CallbackEvent:
        """The event in a POST; `now` is seconds since the epoch.

        Raises:
            RejectedCallbackError: it is not authentic or not understood.
        """
        asked = self._parse_fresh(query, now)
        if self._kind == "official":
            check_signature(asked.signature, self._token, asked.timestamp, asked.nonce)
            self._check_mode(asked)
        fields = parse_body(body)
        if self._cipher or self._kind == "wecom":
            if not fields.encrypt:
                raise ForgedCallbackError("the account has an aes_key, and the body is not encrypted")
            body = self._decrypt(asked, fields.encrypt)
            fields = parse_body(body)
        elif fields.encrypt:
            raise ForgedCallbackError("the body is encrypted, and the account has no aes_key")
        if self._original_id and fields.account_id != self._original_id:
            raise ForgedCallbackError("ToUserName is not the account's original_id")
        return self._event(fields, body, now)

    def _parse_fresh(self, query: bytes, now: float) -> CallbackQuery:
        if not self._token:  # an empty token signs too, and anyone knows it
            raise ForgedCallbackError("the account has no token, so nothing can be verified")
        asked = parse_query(query)
        check_freshness(asked.timestamp, now, self._freshness_seconds)
        return asked

    def _check_mode(self, asked: CallbackQuery) -> None:
        encrypted = asked.encrypt_type == "aes"
        if not encrypted and asked.encrypt_type not in ("", "raw"):
            raise ForgedCallbackError("encrypt_type is neither raw nor aes")
        if encrypted and not self._cipher:
            raise ForgedCallbackError("the platform encrypts, and the account has no aes_key")
        if self._cipher and not encrypted:
            raise ForgedCallbackError("the account has an aes_key, and the callback is not encrypted")

    def _decrypt(self, asked: CallbackQuery, encrypted: str) -> bytes:
        if not self._cipher:
            raise ForgedCallbackError("the platform encrypts, and the account has no aes_key")
        check_signature(asked.msg_signature, self._token, asked.timestamp, asked.nonce, encrypted)
        return self._cipher.decrypt(encrypted)

    def _event(self, fields: CallbackFields, body: bytes, now: float) -> CallbackEvent:
        _check_fields(fields)
        msgid = fields.message_id or fields.job_id
        return CallbackEvent(
            account=self._account,
            recipient=fields.sender,
            type=fields.type.lower(),
            name=fields.event.lower(),
            created=int(fields.created),
            key=fields.key,
            msgid=msgid,
            status=fields.status,
            identity=_identity(self._account, fields, body),
            body=body,
            received=now,
        )


def _cipher_of(account: Account) -> "RotatingCipher | None":
    """None in plaintext mode. Raises ValueError if a key is not an EncodingAESKey."""
    if not account.aes_key:
        return None
    from gateway.callbacks.key_rotation import RotatingCipher  # noqa: PLC0415  its OpenSSL takes 6 MiB

    keys = [key.reveal() for key in (account.aes_key, account.aes_key_previous) if key]
    return RotatingCipher(keys, account.app_id)


def _check_fields(fields: CallbackFields) -> None:
    is_event = fields.type.lower() == "event"
    for name, value, longest, required in (
        ("ToUserName", fields.account_id, _MAX_NAME_LENGTH, True),
        ("FromUserName", fields.sender, _MAX_NAME_LENGTH, not is_event),  # kf_msg_or_event has no sender
        ("MsgType", fields.type, _MAX_NAME_LENGTH, True),
        ("Event", fields.event, _MAX_NAME_LENGTH, is_event),
        ("EventKey", fields.key, _MAX_KEY_LENGTH, False),
        ("Status", fields.status, _MAX_STATUS_LENGTH, False),
    ):
        if len(value) > longest or (required and not value):
            raise UnreadableCallbackError(f"{name} is missing or too long")
    for name, value, longest, required in (
        ("CreateTime", fields.created, _MAX_TIME_DIGITS, True),
        ("MsgId", fields.message_id, _MAX_DIGITS, False),
        ("MsgID", fields.job_id, _MAX_DIGITS, False),
    ):
        if (value or required) and not (value.isascii() and value.isdigit() and len(value) <= longest):
            raise UnreadableCallbackError(f"{name} is not a number")


def _identity(account: str, fields: CallbackFields, body: bytes) -> bytes:
    """The digest that the platform's repeats of one callback share and that two true callbacks do not.

    A message is known by its MsgId alone. The official rule for events, FromUserName and CreateTime, loses true events
    of one second, so everything that tells them apart goes in: the event, its key, a receipt's MsgID, and where there
    is no MsgID the body itself, which tells two LOCATIONs, two tickets of a SCAN, or the template ids of a subscription
    change. Repeats are byte-identical once decrypted; the nonce, the salt and the signatures are not, and stay out.
    """
    parts: tuple[str | bytes, ...]
    if fields.message_id and not fields.event:
        parts = (account, fields.message_id)
    else:
        named = (account, fields.sender, fields.created, fields.event, fields.key, fields.job_id)
        parts = (*named, b"" if fields.job_id else body)
    # msgpack writes lengths, so no two lists of parts read alike.
    return blake2b(_encoder.encode(parts), digest_size=_IDENTITY_BYTES).digest()
