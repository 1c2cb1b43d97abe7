"""Customer-service messages (客服消息): `POST /cgi-bin/message/custom/send`."""

from msgspec.json import Encoder

from pushers.channels.channel import put_first
from pushers.verdict import Verdict, judge
from queues.account import AccountKind
from queues.push import Push

_encode = Encoder().encode


class CustomChannel:
    """Only within the windows that a recipient opens by writing, following, scanning or choosing from the menu.

    The answer has no msgid and no receipt follows, so `sent` is the last that is known. Nor does the platform know a
    repeat: one whose answer was lost may arrive twice.
    """

    api = "custom"
    kind: AccountKind = "official"
    repeat_safe_seconds = 0.0
    windowed = True
    picture_field = b'"image":{"media_id":%b}'

    def path(self, _push: Push) -> str:
        return "/cgi-bin/message/custom/send"

    def body(self, push: Push) -> bytes:
        return put_first(b'"touser":%b' % _encode(push.recipient), push.body)

    def judge(self, status: int, body: bytes) -> Verdict:
        return judge(status, body)
