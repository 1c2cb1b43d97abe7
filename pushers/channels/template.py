"""Template messages (模板消息): `POST /cgi-bin/message/template/send`.

For one openid and `client_msg_id` the platform sends one message within ten minutes; ours is the push's id.
"""

from msgspec.json import Encoder

from pushers.channels.channel import Channel, put_first
from queues.push import Push

_encode = Encoder().encode


def _body(push: Push) -> bytes:
    return put_first(b'"touser":%b,"client_msg_id":%b' % (_encode(push.recipient), _encode(push.id)), push.body)


TEMPLATE = Channel(
    api="template",
    path=lambda _push: "/cgi-bin/message/template/send",
    body=_body,
    repeat_safe_seconds=600.0,
)
