"""The bodies the platform answers with (§4, §5.1): JSON as text/plain, with a `rid` behind every error's text."""

import itertools
from collections.abc import Iterator

import msgspec

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40241: "The message is duplicate in 60 seconds",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    47002: "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text instead!",
    47003: "argument invalid!",
    48001: "api unauthorized",
    50002: "user limited",
}
"""Texts as the platform writes them, without the rid; clients must match by code."""


def rids() -> Iterator[str]:
    """Request ids of the platform's shape, `6xxxxxxx-xxxxxxxx-xxxxxxxx`, never the same twice."""
    for number in itertools.count(1):
        yield f"6{number >> 32 & 0xFFFFFFF:07x}-{number & 0xFFFFFFFF:08x}-{number * 2654435761 & 0xFFFFFFFF:08x}"


def error(errcode: int, rid: str, detail: str = "") -> bytes:
    """An error's body; `detail` follows the text (`data.thing1.value invalid`)."""
    text = ERRMSG.get(errcode, "error")
    if detail:
        text = f"{text} {detail}"
    return msgspec.json.encode({"errcode": errcode, "errmsg": f"{text} rid: {rid}"})


def sent(msgid: int) -> bytes:
    """The body of an accepted send: `msgid` is a number above 2^53."""
    return b'{"errcode":0,"errmsg":"ok","msgid":%d}' % msgid


def token(access_token: str, expires_in: int) -> bytes:
    """The body of a token answer, which carries no errcode (§3.1)."""
    return b'{"access_token":"%b","expires_in":%d}' % (access_token.encode(), expires_in)
