"""The access token request and what its answer means; does no I/O.

Source: for official accounts `POST /cgi-bin/stable_token`. In normal mode it gives the same token until that has five
minutes left, then a new one, both good for those five minutes; with `force_refresh` it ends the current one, at most
20 times a day and not twice within 30 s. A success has no errcode.
The classic `GET /cgi-bin/token` makes a new token each time, at most 2,000 a day; the one before it is good for five
minutes more.
For WeCom `GET /cgi-bin/gettoken`: a token an app, the same one while it is good, and no way to force another.
"""

import re
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct, json

from pushers.errcodes import TABLES, UNKNOWN, Rule
from pushers.verdict import HOLD_SECONDS, error_text, read_answer
from queues.account import Account, AccountKind

QUOTA_SECONDS = 300.0
_OK_STATUS = 200
_MIN_LIFE_SECONDS, _MAX_LIFE_SECONDS = 30.0, 86_400.0
_TOKEN = re.compile(r"[!-~]{1,2048}")  # the platform asks for room for 512 characters


class TokenVerdict(Struct, frozen=True, kw_only=True):
    """What came of asking for a token.

    * `fetched`: `token`, good for `seconds`.
    * `retry`: not now; back off, or wait `seconds` where those are not 0.
    * `stop`: a person must act (a wrong secret, an address not registered); ask no more for `seconds`.
    """

    kind: Literal["fetched", "retry", "stop"]
    token: str = ""
    seconds: float = 0
    error: str = ""


class TokenRequest(Struct, frozen=True):
    """What to ask under the account's `api_base`; `body` is JSON."""

    method: Literal["GET", "POST"]
    target: str
    body: bytes = b""


def token_request(account: Account, *, force: bool) -> TokenRequest:
    """The request for a token; `force` ends the current one where the platform can."""
    secret = account.app_secret.reveal()
    if account.kind == "wecom":
        query = urlencode({"corpid": account.app_id, "corpsecret": secret})
        return TokenRequest("GET", f"/cgi-bin/gettoken?{query}")
    if account.classic_token:
        query = urlencode({"grant_type": "client_credential", "appid": account.app_id, "secret": secret})
        return TokenRequest("GET", f"/cgi-bin/token?{query}")
    fields = {"grant_type": "client_credential", "appid": account.app_id, "secret": secret, "force_refresh": force}
    return TokenRequest("POST", "/cgi-bin/stable_token", json.encode(fields))


def judge_token(status: int, body: bytes, kind: AccountKind = "official") -> TokenVerdict:
    """The verdict on one answer. Never raises; `error` never shows a token or secret."""
    answer = read_answer(body)
    if answer is None or answer.errcode is None:
        return TokenVerdict(kind="retry", error=f"HTTP {status} without a readable answer")
    if answer.errcode:
        return _judge_code(TABLES[kind].get(answer.errcode, UNKNOWN), error_text(answer.errcode, answer.errmsg))
    token, life = answer.fields.get("access_token"), answer.fields.get("expires_in", 0)
    if status != _OK_STATUS or not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return TokenVerdict(kind="retry", error=f"HTTP {status} without a token")
    seconds = life if isinstance(life, int | float) else 0.0
    # In this order what is no number at all (JSON's NaN, as Python reads it) is none here either.
    return TokenVerdict(kind="fetched", token=token, seconds=min(max(_MIN_LIFE_SECONDS, seconds), _MAX_LIFE_SECONDS))


def _judge_code(rule: Rule, text: str) -> TokenVerdict:
    match rule.kind:
        case "retry" if rule.scope == "push":
            return TokenVerdict(kind="retry", error=text, seconds=rule.wait)
        case "retry" | "quota":
            # The pushes' own quotas are untouched, and the token we may still have is good: only ask less often.
            return TokenVerdict(kind="retry", error=text, seconds=QUOTA_SECONDS)
        case _:
            # Here 40001 is a wrong secret, and a request found wrong once is wrong for ever: never a loop.
            return TokenVerdict(kind="stop", error=text, seconds=rule.wait or HOLD_SECONDS)
