"""`message/custom/send` and `typing` (§4.4): within the windows that a person's own actions open."""

from typing import Any

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.custom_message import media_in, refuse_custom
from loadtests.platform.refusal import Refusal
from loadtests.platform.template import is_openid


class Typing(Struct, frozen=True):
    """The body of custom/typing."""

    touser: str = ""
    command: str = ""


def send(account: OfficialAccount, call: Call) -> Answer:
    message: dict[str, Any] | Refusal = read_body(call, dict[str, Any])
    if isinstance(message, Refusal):
        return message
    openid = message.get("touser")
    if not isinstance(openid, str) or not is_openid(openid):
        return Refusal(40003)
    refusal = refuse_custom(message)
    if refusal is not None:
        return refusal
    media = media_in(message)
    for kind, media_id in media:
        if not has_medium(account, kind, media_id, call.now):
            return Refusal(40007)
    if account.options.custom_windows == "on":
        errcode = 0 if account.recipients.follows(openid) else 45015
        errcode = errcode or account.windows.send(openid, call.now)
        if errcode:
            return Refusal(errcode)
    shown = tuple(media_id for _, media_id in media)
    account.record("custom", openid, account.numberer.next(), call.now, answered=call.answered, media=shown)
    return answers.OK  # no msgid, and no receipt follows


def typing(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, Typing)
    if isinstance(asked, Refusal):
        return asked
    if not is_openid(asked.touser):
        return Refusal(40003)
    if asked.command not in {"Typing", "CancelTyping"}:
        return Refusal(45072)
    errcode = account.windows.typing(asked.touser, call.now, begin=asked.command == "Typing")
    return Refusal(errcode) if errcode else answers.OK


def has_medium(account: OfficialAccount, kind: str, media_id: str, now: float) -> bool:
    """Whether a media id may be used: alive and of that kind, or never seen here where that is let pass."""
    medium = account.media.get(media_id, now)
    if medium is None:
        return account.options.unknown_media == "accept" and not account.media.knew(media_id)
    return medium.kind == kind


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/message/custom/send", "custom", send, sends=True),
    Route("/cgi-bin/message/custom/typing", "typing", typing),
)
