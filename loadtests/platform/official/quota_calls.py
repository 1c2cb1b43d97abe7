"""Quotas told and cleared, and what a rid stands for (§4.9)."""

import hmac

import msgspec
from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.query import parameters
from loadtests.platform.refusal import RefusedError, pass_or_refuse

WECOM_PATHS = frozenset({"/cgi-bin/gettoken", "/cgi-bin/message/send", "/cgi-bin/message/recall"})
"""Paths that exist, but not for an official account's token: 76022."""


class CgiPath(Struct, frozen=True):
    cgi_path: str = ""


class Owner(Struct, frozen=True):
    appid: str = ""


class Rid(Struct, frozen=True):
    rid: str = ""


def get(account: OfficialAccount, call: Call) -> Answer:
    api = _api(account, call)
    quotas = account.quotas.of(api)
    used, limit = quotas.day.used(call.now), quotas.day.limit
    told: dict[str, object] = {
        "quota": {"daily_limit": limit, "used": used, "remain": max(0, limit - used)},
    }
    if quotas.minute.limit:
        told["rate_limit"] = {"call_count": quotas.minute.limit, "refresh_second": quotas.minute.length}
    return encode(errcode=0, errmsg="ok", **told)


def clear_one(account: OfficialAccount, call: Call) -> Answer:
    api = _api(account, call)
    pass_or_refuse(account.quotas.clear_one(api, call.now))
    return answers.OK


def clear_all(account: OfficialAccount, call: Call) -> Answer:
    owner = read_body(call, Owner)
    if owner.appid != account.facts.app_id:
        raise RefusedError(40013)
    pass_or_refuse(account.quotas.clear_all(call.now))
    return answers.OK


def clear_all_by_secret(account: OfficialAccount, call: Call) -> Answer:
    asked = parameters(call.request.query)
    if call.request.body.startswith(b"{"):
        try:
            asked |= msgspec.json.decode(call.request.body, type=dict[str, str])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RefusedError(47001) from error
    if asked.get("appid") != account.facts.app_id:
        raise RefusedError(40013)
    if not hmac.compare_digest(asked.get("appsecret", "").encode(), account.facts.app_secret.encode()):
        raise RefusedError(40125)
    pass_or_refuse(account.quotas.clear_all(call.now))
    return answers.OK


def explain_rid(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, Rid)
    found = account.rids.find(asked.rid, call.now)
    if isinstance(found, int):
        raise RefusedError(found)
    told = {
        "invoke_time": int(found.at),
        "cost_in_ms": 0,
        "request_url": found.path,
        "request_body": "",
        "response_body": found.answer.decode(),
        "client_ip": "127.0.0.1",
    }
    return encode(errcode=0, errmsg="ok", request=told)


def _api(account: OfficialAccount, call: Call) -> str:
    asked = read_body(call, CgiPath)
    if asked.cgi_path in WECOM_PATHS:
        raise RefusedError(76022)
    served = account.routes.get(asked.cgi_path.encode())
    if served is None:
        raise RefusedError(76021)
    return served.api


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/openapi/quota/get", "quota_get", get),
    Route("/cgi-bin/openapi/quota/clear", "quota_clear", clear_one),
    Route("/cgi-bin/clear_quota", "clear_quota", clear_all),
    Route("/cgi-bin/clear_quota/v2", "clear_quota", clear_all_by_secret, token=False),
    Route("/cgi-bin/openapi/rid/get", "rid_get", explain_rid),
)
