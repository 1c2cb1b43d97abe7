"""WeCom's own errors (§5.2): the same numbers mean other things than on the Official Account API."""

import itertools
import secrets

import msgspec

from loadtests.platform.refusal import RefusedError

ERRMSG = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40032: "invalid userid list size",
    40033: "invalid charset",
    40035: "invalid parameter",
    40056: "invalid agentid",
    40058: "invalid args",
    40063: "some parameters are empty",
    40091: "secret is invalid",
    41001: "access_token missing",
    41004: "corpsecret missing",
    41005: "media data missing",
    41011: "missing agentid",
    41016: "missing title",
    41033: "missing description",
    42001: "access_token expired",
    42014: "invalid task_id",
    43001: "require GET method",
    43002: "require POST method",
    44001: "empty media data",
    44004: "text message content is empty",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "api freq out of limit",
    45033: "concurrent calls exceed the limit",
    47001: "data format error",
    48002: "api forbidden",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    82001: "touser, toparty and totag are all empty",
    82002: "too many parties",
    82003: "too many tags",
    301002: "no permission for this agent",
}

_FROM_OFFICIAL = {44002: 40035, 47002: 40033}
"""What the shared reader of bodies says in the other API's numbers."""

_numbers = itertools.count(1)


def error(refusal: RefusedError, now: float) -> bytes:
    """A refusal's body, with hint, address and the link that every errmsg carries."""
    errcode = _FROM_OFFICIAL.get(refusal.errcode, refusal.errcode)
    text = ERRMSG.get(errcode, "error")
    if refusal.detail:
        text = f"{text} {refusal.detail}"
    hint = f"hint: [{int(now)}_{next(_numbers)}_{secrets.token_hex(16)}]"
    more = f"more info at https://open.work.weixin.qq.com/devtool/query?e={errcode}"
    return msgspec.json.encode({"errcode": errcode, "errmsg": f"{text}, {hint}, from ip: 127.0.0.1, {more}"})
