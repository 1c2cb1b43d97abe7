"""What the platform's answer to one push means; does no I/O.

The quirks handled here are the platform's: errcode is missing on success and may be a string; the errmsg drags a
request id and hints; the Content-Type lies, so bytes are read as UTF-8 whatever it says; nicknames bring raw
control characters into strings; msgid exceeds 2^53.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from pushers.errcodes import OFFICIAL, UNKNOWN, Kind, Rule, Scope
from pushers.errcodes.rule import Period

MAX_ERROR_CHARACTERS = 200
HOLD_SECONDS = 300.0
"""How long a template, an API or an account rests where the code's row does not say."""

VerdictKind = Literal["sent", "retry", "token", "park", "suppressed", "dead", "stop"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done.

    * `sent`: accepted (or known already) as `msgid`, which is empty where the platform did not say.
    * `retry`: repeat, after `seconds` or by back-off where those are 0.
    * `token`: the access token is bad.
    * `park`: too much; the `scope` (an API) rests for `seconds`, or until the `quota` period turns.
    * `suppressed`: the recipient does not take it; the `scope` says whether it takes anything else.
    * `dead`: the request is wrong, or its template (`scope`).
    * `stop`: a person must act; the `scope` (an API or the account) rests for `seconds`.

    With `repeats` a push is first sent again that often, after `seconds`. `errcode` is None where the answer had none
    to read. `error` is fit for the upstream: bounded, without the platform's request id (`rid`), without anything that
    may be an openid. `detail` is what else the answer tells the upstream, as a JSON object: whom it did not reach.
    `unknown`: the platform may have acted on it, and nobody heard. `closed`: it was not asked, as the recipient may not
    be answered now.
    """

    kind: VerdictKind
    scope: Scope = "push"
    errcode: int | None = None
    rid: str = ""
    msgid: str = ""
    error: str = ""
    seconds: float = 0
    quota: Period = ""
    repeats: int | None = None
    detail: bytes = b""
    unknown: bool = False
    closed: bool = False

    @property
    def strain(self) -> bool:
        """Whether the platform shows that it is overloaded: no answer, a server error, "system busy"."""
        return self.kind == "retry" and not self.seconds


class PlatformAnswer(msgspec.Struct, frozen=True):
    """The part of a JSON answer that all APIs share, after its quirks."""

    errcode: int | None
    errmsg: str
    fields: dict[str, object]
    rid: str = ""


class _Sent(msgspec.Struct):
    """What nearly every answer is; read without building a dict."""

    errcode: int
    msgid: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


_SENT = msgspec.json.Decoder(_Sent)
_ERRCODE = re.compile(r"-?\d{1,9}", re.ASCII)  # the longest known has seven
_MSGID = re.compile(r"\d{1,32}", re.ASCII)
_TAIL = re.compile(r",?\s*(?:rid:\s|hint:\s*\[).*$", re.DOTALL)
_RID = re.compile(r"rid:\s*([0-9A-Za-z-]{1,40})")
_OPENID = re.compile(r"[A-Za-z0-9_-]{20,}")
_KINDS: Mapping[Kind, VerdictKind] = {
    "retry": "retry",
    "token": "token",
    "quota": "park",
    "duplicate": "sent",
    "recipient": "suppressed",
    "request": "dead",
    "account": "stop",
}
_OK_STATUSES = range(200, 300)
_SERVER_ERRORS = 500


def judge(status: int, body: bytes, table: Mapping[int, Rule] = OFFICIAL) -> Verdict:
    """The verdict on one answer to a send. Never raises.

    Whatever cannot be read is an unknown outcome, so `retry`, which is safe as every send has its `client_msg_id`.
    """
    if status in _OK_STATUSES:
        try:
            sent = _SENT.decode(body)
        except (ValueError, RecursionError):  # `read_answer` says what it is
            pass
        else:
            if sent.errcode == 0:
                return Verdict(kind="sent", errcode=0, msgid=str(sent.msgid))
    answer = read_answer(body)
    if status >= _SERVER_ERRORS or answer is None:
        return unanswered(f"HTTP {status}" if answer is not None else f"HTTP {status} with a body that is not JSON")
    if answer.errcode is None:
        return unanswered(f"HTTP {status} with an errcode that is not a number")
    if answer.errcode == 0:
        if status not in _OK_STATUSES:
            return unanswered(f"HTTP {status}")
        return Verdict(kind="sent", errcode=0, msgid=_msgid(answer.fields))
    return _judge_code(answer, table.get(answer.errcode, UNKNOWN))


def unanswered(reason: str, *, unknown: bool = True) -> Verdict:
    """No answer, or none that says anything: the outcome is unknown, unless nothing was sent."""
    return Verdict(kind="retry", error=_bounded(reason), unknown=unknown)


def read_answer(body: bytes) -> PlatformAnswer | None:
    """The answer's errcode (missing: 0; unreadable: None), bare errmsg, and all fields; None if no object.

    All text in it can be encoded again: half of a character, as where a message was cut off, is replaced.
    """
    try:
        fields = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
        if b"\\u" in body:  # the one way to write such a half
            fields = json.loads(json.dumps(fields, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    code = _digits(fields.get("errcode", 0), _ERRCODE)
    message = fields.get("errmsg", "")
    message = message if isinstance(message, str) else ""
    rid = _RID.search(message)
    return PlatformAnswer(int(code) if code else None, plain_message(message), fields, rid[1] if rid else "")


def plain_message(errmsg: str) -> str:
    """An errmsg without ` rid: …` and ` hint: […]`, with anything long enough for an openid or a token masked."""
    return _OPENID.sub("…", _TAIL.sub("", errmsg[:2000])).strip()


def error_text(errcode: int, message: str) -> str:
    """The text that upstreams see, such as `errcode 47003: argument invalid! data.thing1.value invalid`."""
    return _bounded(f"errcode {errcode}: {message}" if message else f"errcode {errcode}")


def _judge_code(answer: PlatformAnswer, rule: Rule) -> Verdict:
    code = answer.errcode or 0
    if rule.kind == "duplicate":
        return Verdict(kind="sent", errcode=code, msgid=_msgid(answer.fields))
    seconds = rule.wait
    if not (seconds or rule.period) and rule.scope in {"template", "api", "account"}:
        seconds = HOLD_SECONDS
    return Verdict(
        kind=_kind(rule),
        scope=rule.scope,
        errcode=code,
        rid=answer.rid,
        error=error_text(code, answer.errmsg),
        seconds=seconds,
        quota=rule.period,
        repeats=rule.repeats,
    )


def _kind(rule: Rule) -> VerdictKind:
    if rule.kind == "retry" and rule.scope == "api":
        return "park"
    if rule.kind == "quota" and rule.scope == "push":
        # Only this recipient has too much: waiting helps, or (no `wait`) the recipient must do something first.
        return "retry" if rule.wait else "suppressed"
    return _KINDS[rule.kind]


def _msgid(fields: Mapping[str, object]) -> str:
    """Under whichever of its names; as decimal text, since it exceeds 2^53."""
    for name in ("msgid", "msg_id"):
        if msgid := _digits(fields.get(name), _MSGID):
            return msgid
    return ""


def _digits(value: object, pattern: re.Pattern[str]) -> str:
    """A number that may stand as text, in digits; empty if it is none, or longer than any of the platform's."""
    text = str(value) if isinstance(value, int | str) else ""
    return text if pattern.fullmatch(text) else ""


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_ERROR_CHARACTERS else text[: MAX_ERROR_CHARACTERS - 1] + "…"
