"""The proof in a callback's query that it comes from the platform.

The platform signs with SHA-1 over the token, the timestamp and the nonce, sorted and joined (its documentation under
消息推送). In plaintext mode that covers nothing of the body: whoever sees one query can post any body with it
while it is fresh, so HTTPS or, better, the secure mode is what protects a body. The encrypted modes add
`msg_signature`, which covers the ciphertext too.
"""

import hmac
from hashlib import sha1

from msgspec import Struct

from gateway.callbacks.percent import decode_percent
from gateway.callbacks.rejection import ForgedCallbackError

_MAX_QUERY_BYTES = 4096  # an encrypted echostr of WeCom, percent-encoded, is about 150
_MAX_PARAMETERS = 32
_MAX_NONCE_LENGTH = 128
_MAX_TIMESTAMP_DIGITS = 12


class CallbackQuery(Struct, frozen=True, kw_only=True):
    """What a callback's query says, decoded; empty where it says nothing.

    `openid` is left out on purpose: it is not signed, and the body names the sender.
    """

    timestamp: str
    nonce: str
    signature: str = ""
    echostr: str = ""
    encrypt_type: str = ""
    msg_signature: str = ""


def parse_query(query: bytes) -> CallbackQuery:
    """Read the raw query strictly: every name once, well-formed escapes, nothing but ASCII.

    A `+` stays a `+`: Base64 in WeCom's echostr has them, and the form rule that makes them spaces is the usual cause
    of a signature that does not hold. Names we do not know are allowed, since a callback URL may have its own.

    Raises:
        ForgedCallbackError: the query is malformed, repeats a name, or lacks the timestamp or the nonce.
    """
    if len(query) > _MAX_QUERY_BYTES:
        raise ForgedCallbackError("the query string is too long")
    try:
        values = _split(query.decode("ascii"))
    except ValueError as error:  # not ASCII, a malformed escape, a parameter that is empty or repeated
        raise ForgedCallbackError("the query string is malformed") from error
    timestamp, nonce = values.get("timestamp", ""), values.get("nonce", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > _MAX_TIMESTAMP_DIGITS:
        raise ForgedCallbackError("the query string has no timestamp in seconds")
    if not nonce or len(nonce) > _MAX_NONCE_LENGTH:
        raise ForgedCallbackError("the query string has no nonce, or one that is too long")
    return CallbackQuery(
        timestamp=timestamp,
        nonce=nonce,
        signature=values.get("signature", ""),
        echostr=values.get("echostr", ""),
        encrypt_type=values.get("encrypt_type", ""),
        msg_signature=values.get("msg_signature", ""),
    )


def sign(*parts: str) -> str:
    """The signature over the parts in any order: token, timestamp, nonce, and for `msg_signature` the Encrypt text."""
    return sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  # the platform's choice, not ours


def check_signature(signature: str, *parts: str) -> None:
    """Compare in constant time.

    Raises:
        ForgedCallbackError: it is not the signature over the parts.
    """
    if not hmac.compare_digest(sign(*parts).encode(), signature.encode()):
        raise ForgedCallbackError("the signature does not match: compare the token with the platform's console")


def check_freshness(timestamp: str, now: float, freshness_seconds: float) -> None:
    """Bound how long a query that leaked can be used again; 0 switches the check off.

    The platform documents no window, and whether its repeats carry a new timestamp is not known, so the window must
    be much longer than the 15 s that three tries take.

    Raises:
        ForgedCallbackError: the timestamp is further from `now` (seconds since the epoch) than the window.
    """
    if freshness_seconds and abs(now - int(timestamp)) > freshness_seconds:
        raise ForgedCallbackError(
            f"the timestamp is more than {freshness_seconds:g} s from this machine's clock: "
            "check the clock, or it is a replay"
        )


def _split(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    pairs = text.split("&")
    if len(pairs) > _MAX_PARAMETERS:
        raise ValueError("too many parameters")
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if "%" in pair:
            name, value = decode_percent(name), decode_percent(value)
        if not name or not equals or name in values:
            raise ValueError("a parameter is empty or repeated")
        values[name] = value
    return values
