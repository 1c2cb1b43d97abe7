"""The callbacks a platform makes (§1.6, §1.7): what each says, and its XML."""

from typing import Any

from msgspec import Struct

from loadtests.platform.markup import cdata


class CallbackFields(Struct, frozen=True, gc=False, kw_only=True):
    """What tells one callback from another; a ledger's row has the same fields as the callback that it is about.

    `type` is MsgType, `name` is Event as on the wire (empty for messages), `created` is CreateTime, `key` EventKey and
    `msgid` MsgId or MsgID in decimal; each empty where there is none.
    """

    openid: str
    type: str
    name: str = ""
    created: int
    key: str = ""
    msgid: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """These fields by name, for a row about this callback."""
        return {name: getattr(self, name) for name in CallbackFields.__struct_fields__}


class Callback(CallbackFields, frozen=True, gc=False, kw_only=True):
    """One message or event before it is signed or encrypted.

    `status` is a receipt's Status, empty where there is none; `xml` the body in plaintext, the same for every delivery.
    """

    status: str = ""
    xml: bytes


def _open(account: str, openid: str, created: int, kind: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{account}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>"
    )


def text(account: str, openid: str, created: int, msgid: int, content: str) -> Callback:
    """A text message; `account` is the original id (`gh_…`)."""
    body = f"{_open(account, openid, created, 'text')}<Content>{cdata(content)}</Content><MsgId>{msgid}</MsgId></xml>"
    return Callback(openid=openid, type="text", created=created, msgid=str(msgid), xml=body.encode())


def event(account: str, openid: str, created: int, name: str, *, key: str = "", ticket: str = "") -> Callback:
    """subscribe, unsubscribe, SCAN, CLICK or VIEW: the events that are told apart by an EventKey."""
    body = (
        f"{_open(account, openid, created, 'event')}<Event><![CDATA[{name}]]></Event><EventKey>{cdata(key)}</EventKey>"
        + (f"<Ticket>{cdata(ticket)}</Ticket>" if ticket else "")
        + "</xml>"
    )
    return Callback(openid=openid, type="event", name=name, created=created, key=key, xml=body.encode())


def receipt(account: str, openid: str, created: int, msgid: int, status: str) -> Callback:
    """TEMPLATESENDJOBFINISH: what became of an accepted send. `status` is one of the exact strings of §1.7."""
    name = "TEMPLATESENDJOBFINISH"
    body = (
        f"{_open(account, openid, created, 'event')}<Event><![CDATA[{name}]]></Event>"
        f"<MsgID>{msgid}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )
    return Callback(
        openid=openid, type="event", name=name, created=created, msgid=str(msgid), status=status, xml=body.encode()
    )
