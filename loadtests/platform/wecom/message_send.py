"""`message/send`, `message/recall` and `message/update_template_card` of WeCom (§4.10)."""

from typing import Any

import msgspec
from msgspec import Struct

from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.ledger import SendRow
from loadtests.platform.refusal import RefusedError
from loadtests.platform.wecom.account import WecomAccount
from loadtests.platform.wecom.directory import Reached
from loadtests.platform.wecom.message import (
    INTERACTIVE,
    check_content,
    check_interval,
    media_id_in,
    read_addressees,
)

WARNING = "ok. Warning: wrong json format. "


class Recall(Struct, frozen=True):
    msgid: str = ""


class CardUpdate(Struct, frozen=True):
    """The part of update_template_card that is looked at."""

    response_code: str = ""


def send(account: WecomAccount, call: Call) -> Answer:
    message: dict[str, Any] = read_body(call, dict[str, Any])
    to = read_addressees(message)
    _check(account, call, message, everyone=to.everyone)
    reached = account.directory.reach(to)
    if not reached.people:
        raise RefusedError(81013)
    return _deliver(account, call, message, reached)


def _check(account: WecomAccount, call: Call, message: dict[str, Any], *, everyone: bool) -> None:
    _check_agent(account, message.get("agentid"))
    check_content(message, everyone=everyone)
    media_id = media_id_in(message)
    if media_id and account.options.unknown_media == "refuse" and account.media.get(media_id, call.now) is None:
        raise RefusedError(40007)
    card = message.get("template_card", {})
    if card.get("card_type") in INTERACTIVE and not account.outgoing.claim_task(str(card["task_id"])):
        raise RefusedError(42014)


def _check_agent(account: WecomAccount, agent_id: object) -> None:
    if agent_id is None:
        raise RefusedError(41011)
    if not str(agent_id).isdigit():
        raise RefusedError(40056)
    if int(str(agent_id)) != account.facts.agent_id:
        raise RefusedError(301002)  # another agentid than the token's: the token cache is keyed wrongly (§7.4)


def _deliver(account: WecomAccount, call: Call, message: dict[str, Any], reached: Reached) -> Answer:
    number = account.numberer.next()
    msgid = f"X{number:x}"
    interval = check_interval(message)
    content = msgspec.json.encode([message, reached.people]) if interval else b""
    earlier = account.outgoing.repeats(content, interval, call.now) if interval else ""
    if earlier and account.options.wecom_repeat_errcode:
        raise RefusedError(account.options.wecom_repeat_errcode)
    over = False
    if not earlier:
        over = not account.person_times.take(call.now, len(reached.people))
        if over and account.options.wecom_over_budget == "error":
            raise RefusedError(45009)
        account.outgoing.add(msgid, number, call.now)
        if interval:
            account.outgoing.remember(content, msgid, call.now)
    media_id = media_id_in(message)
    for person in reached.people:
        dropped = not earlier and (over or not account.members.take(person, call.now))
        account.ledger.sent(
            SendRow(
                at=call.now,
                app_id=account.name,
                openid=person,
                client_msg_id="",
                msgid=number,
                repeat=bool(earlier),
                answered=call.answered,
                channel="wecom",
                dropped=dropped,
                media=(media_id,) if media_id else (),
            )
        )
    return _answer(account, call, message, reached, earlier or msgid)


def _answer(account: WecomAccount, call: Call, message: dict[str, Any], reached: Reached, msgid: str) -> bytes:
    code: dict[str, str] = {}
    if message.get("template_card", {}).get("card_type") in INTERACTIVE:
        code = {"response_code": f"RC{msgid}"}
        account.outgoing.issue_code(code["response_code"], call.now)
    return encode(
        errcode=0,
        errmsg="ok" if isinstance(message["agentid"], int) else WARNING,
        invaliduser=reached.invalid_users,
        invalidparty=reached.invalid_parties,
        invalidtag=reached.invalid_tags,
        unlicenseduser="",
        msgid=msgid,
        **code,
    )


def recall(account: WecomAccount, call: Call) -> Answer:
    asked = read_body(call, Recall)
    if not account.outgoing.recall(asked.msgid, call.now):
        raise RefusedError(40058, "msgid")
    account.ledger.counts["recalled"] += 1
    return encode(errcode=0, errmsg="ok")


def update_card(account: WecomAccount, call: Call) -> Answer:
    asked = read_body(call, CardUpdate)
    if not account.outgoing.use_code(asked.response_code, call.now):
        raise RefusedError(40058, "response_code")
    return encode(errcode=0, errmsg="ok", invaliduser=[])


ROUTES: tuple[Route[WecomAccount], ...] = (
    Route("/cgi-bin/message/send", "wecom", send, sends=True),
    Route("/cgi-bin/message/recall", "wecom_recall", recall),
    Route("/cgi-bin/message/update_template_card", "wecom_update_card", update_card),
)
