"""WeCom application messages (企业微信应用消息): `POST /cgi-bin/message/send`."""

from msgspec import structs
from msgspec.json import Encoder

from pushers.channels.channel import put_first
from pushers.errcodes import WECOM
from pushers.verdict import Verdict, judge, read_answer
from queues.account import AccountKind
from queues.push import AUDIENCE_IN_MESSAGE, Push

_encode = Encoder().encode
_LONGEST_MSGID = 256
_UNREACHED = ("invaliduser", "invalidparty", "invalidtag", "unlicenseduser")


class WecomChannel:
    """The duplicate check, which the gateway switches on in the body, makes the platform drop a repeat.

    With some of the recipients invalid the rest are sent to, and the answer lists who was not reached; with none valid
    it is 81013. No receipt follows.
    """

    api = "wecom"
    kind: AccountKind = "wecom"
    repeat_safe_seconds = 600.0
    windowed = False
    picture_field = b'"image":{"media_id":%b}'

    def path(self, _push: Push) -> str:
        return "/cgi-bin/message/send"

    def body(self, push: Push) -> bytes:
        if push.recipient == AUDIENCE_IN_MESSAGE:
            return push.body
        return put_first(b'"touser":%b' % _encode(push.recipient), push.body)

    def judge(self, status: int, body: bytes) -> Verdict:
        verdict = judge(status, body, WECOM)
        if verdict.kind != "sent":
            return verdict
        answer = read_answer(body)
        fields = answer.fields if answer else {}
        unreached = {name: value for name in _UNREACHED if isinstance(value := fields.get(name), str) and value}
        msgid = fields.get("msgid")
        return structs.replace(
            verdict,
            msgid=msgid if isinstance(msgid, str) and len(msgid) <= _LONGEST_MSGID else "",
            detail=_encode(unreached) if unreached else b"",
        )
