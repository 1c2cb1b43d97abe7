"""`message/custom/send` and `typing` (§4.4): within the windows that a person's own actions open."""

from typing import Any

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.custom_message import check_custom, media_in
from loadtests.platform.refusal import RefusedError, pass_or_refuse
from loadtests.platform.template import is_openid


class Typing(Struct, frozen=True):
    """The body of custom/typing."""

    touser: str = ""
    command: str = ""


def send(account: OfficialAccount, call: Call) -> Answer:
    message: dict[str, Any] = read_body(call, dict[str, Any])
    openid = message.get("touser")
    if not isinstance(openid, str) or not is_openid(openid):
        raise RefusedError(40003)
    check_custom(message)
    media = media_in(message)
    for kind, media_id in media:
        if not has_medium(account, kind, media_id, call.now):
            raise RefusedError(40007)
    if account.options.custom_windows == "on":
        pass_or_refuse(0 if account.recipients.follows(openid) else 45015)
        pass_or_refuse(account.windows.send(openid, call.now))
    shown = tuple(media_id for _, media_id in media)
    account.record("custom", openid, account.numberer.next(), call.now, answered=call.answered, media=shown)
    return answers.OK  # no msgid, and no receipt follows


def typing(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, Typing)
    if not is_openid(asked.touser):
        raise RefusedError(40003)
    if asked.command not in {"Typing", "CancelTyping"}:
        raise RefusedError(45072)
    pass_or_refuse(account.windows.typing(asked.touser, call.now, begin=asked.command == "Typing"))
    return answers.OK


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
