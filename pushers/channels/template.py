"""Template messages (模板消息): `POST /cgi-bin/message/template/send`."""

from msgspec.json import Encoder

from pushers.channels.channel import put_first
from pushers.verdict import Verdict, judge
from queues.account import AccountKind
from queues.push import Push

_encode = Encoder().encode


class TemplateChannel:
    """For one openid and `client_msg_id` the platform sends one message within ten minutes; ours is the push's id."""

    api = "template"
    kind: AccountKind = "official"
    repeat_safe_seconds = 600.0
    windowed = False
    picture_field = b""

    def path(self, _push: Push) -> str:
        return "/cgi-bin/message/template/send"

    def body(self, push: Push) -> bytes:
        return put_first(b'"touser":%b,"client_msg_id":%b' % (_encode(push.recipient), _encode(push.id)), push.body)

    def judge(self, status: int, body: bytes) -> Verdict:
        return judge(status, body)
