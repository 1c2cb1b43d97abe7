"""Subscription notices: bizsend and subscribe/send (§4.3), and the one-time subscription message (§4.2)."""

from typing import Literal

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.events import subscribe_sent
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import Field, check_values, is_openid

_TITLE = 15
_CONTENT = 200
_SCENES = 10_000


class Notice(Struct, frozen=True):
    """The body of bizsend and of the mini program's subscribe/send; `page` is a url for one, a path for the other."""

    touser: str = ""
    template_id: str = ""
    page: str | None = None
    miniprogram: dict[str, str] | None = None
    miniprogram_state: Literal["developer", "trial", "formal"] = "formal"
    lang: Literal["zh_CN", "en_US", "zh_HK", "zh_TW"] = "zh_CN"
    data: dict[str, Field] | None = None


class _Content(Struct, frozen=True):
    content: Field


class OneTime(Struct, frozen=True):
    """The body of template/subscribe."""

    touser: str = ""
    template_id: str = ""
    scene: str | int = ""
    title: str = ""
    data: _Content | None = None
    url: str | None = None
    miniprogram: dict[str, str] | None = None


def bizsend(account: OfficialAccount, call: Call) -> Answer:
    msgid = _notice(account, call, "subscribe")
    return answers.sent(msgid) if account.options.bizsend_msgid == "yes" else answers.OK


def mini_program_send(account: OfficialAccount, call: Call) -> Answer:
    return encode(errcode=0, errmsg="ok", msgid=_notice(account, call, "subscribe_mini"))


def _notice(account: OfficialAccount, call: Call, channel: str) -> int:
    """The msgid of an accepted notice."""
    notice = read_body(call, Notice)
    _check_notice(account, notice, channel)
    msgid = account.numberer.next()
    account.record(channel, notice.touser, msgid, call.now, answered=call.answered)
    delay = account.options.receipt_delay
    code, text = "0", "success"
    if account.fates.draw() != "success":
        code, _, text = account.options.subscribe_failure.partition(":")
    account.emit(
        delay,
        subscribe_sent(
            account.facts.original_id,
            notice.touser,
            int(call.now + delay),
            notice.template_id,
            msgid,
            code=code,
            text=text,
        ),
    )
    return msgid


def one_time(account: OfficialAccount, call: Call) -> Answer:
    message = read_body(call, OneTime)
    _check_one_time(account, message)
    account.record("subscribe_once", message.touser, account.numberer.next(), call.now, answered=call.answered)
    return answers.OK


def _check_notice(account: OfficialAccount, notice: Notice, channel: str) -> None:
    _check_address(account, notice.touser, notice.template_id)
    if not notice.data:
        raise RefusedError(47003, "data is empty")
    if channel == "subscribe" and not (notice.page or "https://").startswith("http"):
        raise RefusedError(41030)
    check_values(notice.data)
    if not account.permissions.spend(notice.touser, notice.template_id):
        raise RefusedError(43101)


def _check_one_time(account: OfficialAccount, message: OneTime) -> None:
    _check_address(account, message.touser, message.template_id)
    scene = str(message.scene)
    if not (scene.isdigit() and int(scene) <= _SCENES):
        raise RefusedError(40035, "scene")
    if not 1 <= len(message.title) <= _TITLE:
        raise RefusedError(47003, "title invalid")
    if message.data is None or not 1 <= len(message.data.content.value) <= _CONTENT:
        raise RefusedError(47003, "data.content.value invalid")
    if not account.permissions.spend(message.touser, message.template_id):
        raise RefusedError(43101)


def _check_address(account: OfficialAccount, openid: str, template_id: str) -> None:
    if not is_openid(openid):
        raise RefusedError(40003)
    known = account.options.templates
    if not template_id or (known and template_id not in known):
        raise RefusedError(40037)


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/message/subscribe/bizsend", "subscribe", bizsend, sends=True),
    Route("/cgi-bin/message/subscribe/send", "subscribe_mini", mini_program_send, sends=True),
    Route("/cgi-bin/message/template/subscribe", "subscribe_once", one_time, sends=True),
)
