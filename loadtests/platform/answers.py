"""The bodies the platform answers with (§4, §5.1): JSON as text/plain, with a `rid` behind every error's text."""

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

NOTHING: Mapping[str, int] = MappingProxyType({})
OK = b'{"errcode":0,"errmsg":"ok"}'

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid meida size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40010: "invalid voice size",
    40011: "invalid video size",
    40012: "invalid thumb size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40031: "invalid openid list",
    40032: "invalid openid list size",
    40035: "invalid parameter",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40059: "invalid msg id",
    40125: "invalid appsecret",
    40130: "invalid openid list size, at least two openid",
    40132: "invalid username",
    40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
    40165: "invalid weapp pagepath",
    40166: "invalid weapp appid",
    40201: "callback url is not set",
    40202: "invalid action",
    40203: "invalid check_operator",
    40241: "The message is duplicate in 60 seconds",
    40243: "AppSecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41009: "openid missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    43116: "This template_id is banned",
    43117: "Sending messages to this openid too frequently,please try later",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45065: "clientmsgid exists",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45072: "invalid command",
    45080: "can not send typing, no message in 30 seconds",
    45081: "already in typing state",
    45083: "the speed out of range",
    45084: "No speed message",
    45159: "invalid tag id",
    46004: "user no exist",
    47001: "data format error",
    47002: "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text instead!",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities, view detail on mp.weixin.qq.com",
    48006: "forbid to clear quota because of reaching the limit",
    50002: "user limited",
    61004: "access clientip is not registered",
    76001: "rid not found",
    76002: "invalid rid",
    76003: "rid does not belong to this account",
    76004: "rid is expired",
    76021: "cgi_path not found",
    76022: "could not use this cgi_path",
    89503: "this call needs the administrator's confirmation",
}
"""Texts as the platform writes them, without the rid; clients must match by code."""


def rids() -> Iterator[str]:
    """Request ids of the platform's shape, `6xxxxxxx-xxxxxxxx-xxxxxxxx`, never the same twice."""
    for number in itertools.count(1):
        yield f"6{number >> 32 & 0xFFFFFFF:07x}-{number & 0xFFFFFFFF:08x}-{number * 2654435761 & 0xFFFFFFFF:08x}"


def error(errcode: int, rid: str, detail: str = "", extra: Mapping[str, int] = NOTHING) -> bytes:
    """An error's body; `detail` follows the text (`data.thing1.value invalid`), `extra` fields follow both."""
    text = ERRMSG.get(errcode, "error")
    if detail:
        text = f"{text} {detail}"
    return msgspec.json.encode({"errcode": errcode, "errmsg": f"{text} rid: {rid}", **extra})


def sent(msgid: int) -> bytes:
    """The body of an accepted send: `msgid` is a number above 2^53."""
    return b'{"errcode":0,"errmsg":"ok","msgid":%d}' % msgid


def token(access_token: str, expires_in: int) -> bytes:
    """The body of a token answer, which carries no errcode (§3.1)."""
    return b'{"access_token":"%b","expires_in":%d}' % (access_token.encode(), expires_in)
