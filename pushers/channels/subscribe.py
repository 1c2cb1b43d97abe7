"""Subscription notices (订阅通知): `POST /cgi-bin/message/subscribe/bizsend`."""

from msgspec.json import Encoder

from pushers.channels.channel import put_first
from pushers.verdict import Verdict, judge
from queues.account import AccountKind
from queues.push import Push

_encode = Encoder().encode


class SubscribeChannel:
    """There is no id by which the platform knows a repeat: one whose answer was lost may arrive twice.

    An answer without `msgid` is documented to be possible; the receipt of such a send (`subscribe_msg_sent_event`)
    finds nothing, and the push stays `sent`.
    """

    api = "subscribe"
    kind: AccountKind = "official"
    repeat_safe_seconds = 0.0
    windowed = False
    picture_field = b""

    def path(self, _push: Push) -> str:
        return "/cgi-bin/message/subscribe/bizsend"

    def body(self, push: Push) -> bytes:
        return put_first(b'"touser":%b' % _encode(push.recipient), push.body)

    def judge(self, status: int, body: bytes) -> Verdict:
        return judge(status, body)
