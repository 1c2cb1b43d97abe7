"""Subscription notices: bizsend and subscribe/send (§4.3), and the one-time subscription message (§4.2)."""

from typing import Literal

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.events import subscribe_sent
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.refusal import Refusal
from loadtests.platform.template import Field, is_openid, refuse_values

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
    sent = _notice(account, call, "subscribe")
    if isinstance(sent, Refusal) or account.options.bizsend_msgid == "yes":
        return sent if isinstance(sent, Refusal) else answers.sent(sent)
    return answers.OK


def mini_program_send(account: OfficialAccount, call: Call) -> Answer:
    sent = _notice(account, call, "subscribe_mini")
    return sent if isinstance(sent, Refusal) else encode(errcode=0, errmsg="ok", msgid=sent)


def _notice(account: OfficialAccount, call: Call, channel: str) -> int | Refusal:
    """The msgid of an accepted notice."""
    notice = read_body(call, Notice)
    if isinstance(notice, Refusal):
        return notice
    refusal = _refuse_notice(account, notice, channel)
    if refusal is not None:
        return refusal
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
    if isinstance(message, Refusal):
        return message
    refusal = _refuse_one_time(account, message)
    if refusal is not None:
        return refusal
    account.record("subscribe_once", message.touser, account.numberer.next(), call.now, answered=call.answered)
    return answers.OK


def _refuse_notice(account: OfficialAccount, notice: Notice, channel: str) -> Refusal | None:
    refusal = _refuse_address(account, notice.touser, notice.template_id)
    if refusal is None and not notice.data:
        refusal = Refusal(47003, "data is empty")
    if refusal is None and channel == "subscribe" and not (notice.page or "https://").startswith("http"):
        refusal = Refusal(41030)
    refusal = refusal or refuse_values(notice.data or {})
    if refusal is None and not account.permissions.spend(notice.touser, notice.template_id):
        refusal = Refusal(43101)
    return refusal


def _refuse_one_time(account: OfficialAccount, message: OneTime) -> Refusal | None:
    refusal = _refuse_address(account, message.touser, message.template_id)
    scene = str(message.scene)
    if refusal is None and not (scene.isdigit() and int(scene) <= _SCENES):
        refusal = Refusal(40035, "scene")
    if refusal is None and not 1 <= len(message.title) <= _TITLE:
        refusal = Refusal(47003, "title invalid")
    if refusal is None and (message.data is None or not 1 <= len(message.data.content.value) <= _CONTENT):
        refusal = Refusal(47003, "data.content.value invalid")
    if refusal is None and not account.permissions.spend(message.touser, message.template_id):
        refusal = Refusal(43101)
    return refusal


def _refuse_address(account: OfficialAccount, openid: str, template_id: str) -> Refusal | None:
    if not is_openid(openid):
        return Refusal(40003)
    known = account.options.templates
    return Refusal(40037) if not template_id or (known and template_id not in known) else None


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/message/subscribe/bizsend", "subscribe", bizsend, sends=True),
    Route("/cgi-bin/message/subscribe/send", "subscribe_mini", mini_program_send, sends=True),
    Route("/cgi-bin/message/template/subscribe", "subscribe_once", one_time, sends=True),
)
