"""The less frequent callbacks (§1.6–1.8): any message or event by its fields, subscription notices, mass results."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from loadtests.platform.callbacks import Callback
from loadtests.platform.markup import Value, elements

MASS_HELPER = "oMASSHELPER00000000000000001"
"""FromUserName of MASSSENDJOBFINISH: the account's own helper, not a fan."""


class Counts(Struct, frozen=True, kw_only=True):
    """The counts of a mass message; `filtered` is what the filters left over."""

    total: int
    filtered: int
    sent: int
    failed: int


def message(account: str, openid: str, created: int, kind: str, msgid: int, *, fields: Mapping[str, Value]) -> Callback:
    """A message of any MsgType, with the fields of §1.6 or §1.8; AgentID follows MsgId, as on the wire."""
    rest = dict(fields)
    last = {"AgentID": rest.pop("AgentID")} if "AgentID" in rest else {}
    body = {**_begin(account, openid, created, kind), **rest, "MsgId": msgid, **last}
    return Callback(openid=openid, type=kind, created=created, msgid=str(msgid), xml=_xml(body))


def event(account: str, openid: str, created: int, name: str, fields: Mapping[str, Value]) -> Callback:
    """An event with any fields, in their order; nested ones are mappings, repeated ones lists."""
    body = {**_begin(account, openid, created, "event"), "Event": name, **fields}
    return Callback(
        openid=openid,
        type="event",
        name=name,
        created=created,
        key=str(fields.get("EventKey", "")),
        msgid=str(fields.get("MsgID", "")),
        status=str(fields.get("Status", "")),
        xml=_xml(body),
    )


def subscribe_prompted(
    account: str, openid: str, created: int, choices: Sequence[tuple[str, str]], *, scene: int
) -> Callback:
    """subscribe_msg_popup_event: what somebody chose (accept, reject) for each template."""
    items: list[Value] = [
        {"TemplateId": template_id, "SubscribeStatusString": choice, "PopupScene": scene}
        for template_id, choice in choices
    ]
    fields: dict[str, Value] = {"SubscribeMsgPopupEvent": {"List": items}}
    return event(account, openid, created, "subscribe_msg_popup_event", fields)


def subscribe_changed(account: str, openid: str, created: int, template_id: str) -> Callback:
    """subscribe_msg_change_event; only a reject is pushed."""
    item = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
    fields: dict[str, Value] = {"SubscribeMsgChangeEvent": {"List": item}}
    return event(account, openid, created, "subscribe_msg_change_event", fields)


def subscribe_sent(
    account: str, openid: str, created: int, template_id: str, msgid: int, *, code: str, text: str
) -> Callback:
    """subscribe_msg_sent_event: what became of an accepted notice."""
    item: dict[str, Value] = {"TemplateId": template_id, "MsgID": msgid, "ErrorCode": int(code), "ErrorStatus": text}
    fields: dict[str, Value] = {"SubscribeMsgSentEvent": {"List": item}}
    made = event(account, openid, created, "subscribe_msg_sent_event", fields)
    return Callback(
        openid=openid, type="event", name=made.name, created=created, msgid=str(msgid), status=text, xml=made.xml
    )


def mass_finished(account: str, created: int, msgid: int, status: str, counts: Counts) -> Callback:
    """MASSSENDJOBFINISH; the block of article urls is there and empty, as has been seen (§7.27)."""
    fields: dict[str, Value] = {
        "MsgID": msgid,
        "Status": status,
        "TotalCount": counts.total,
        "FilterCount": counts.filtered,
        "SentCount": counts.sent,
        "ErrorCount": counts.failed,
        "ArticleUrlResult": {"Count": 0, "ResultList": ""},
    }
    return event(account, MASS_HELPER, created, "MASSSENDJOBFINISH", fields)


def _begin(account: str, openid: str, created: int, kind: str) -> dict[str, Value]:
    return {"ToUserName": account, "FromUserName": openid, "CreateTime": created, "MsgType": kind}


def _xml(fields: Mapping[str, Value]) -> bytes:
    return f"<xml>{elements(fields)}</xml>".encode()
