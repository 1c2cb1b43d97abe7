"""WeCom application messages (企业微信应用消息): `POST /cgi-bin/message/send`.

The duplicate check, which the gateway switches on in the body, makes the platform drop a repeat. With some of the
recipients invalid the rest are sent to, and the answer lists who was not reached; with none valid it is 81013. No
receipt follows.
"""

from msgspec import structs
from msgspec.json import Encoder

from pushers.channels.channel import Channel, to_recipient
from pushers.errcodes import WECOM as WECOM_CODES
from pushers.verdict import Verdict, judge, read_answer
from queues.push import AUDIENCE_IN_MESSAGE, Push

_encode = Encoder().encode
_LONGEST_MSGID = 256
_UNREACHED = ("invaliduser", "invalidparty", "invalidtag", "unlicenseduser")


def _body(push: Push) -> bytes:
    return push.body if push.recipient == AUDIENCE_IN_MESSAGE else to_recipient(push)


def _judge(status: int, body: bytes) -> Verdict:
    verdict = judge(status, body, WECOM_CODES)
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


WECOM = Channel(
    api="wecom",
    kind="wecom",
    path=lambda _push: "/cgi-bin/message/send",
    body=_body,
    judge=_judge,
    receipt=False,
    repeat_safe_seconds=600.0,
    picture_field=b'"image":{"media_id":%b}',
)
