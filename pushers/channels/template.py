"""Template messages (模板消息): `POST /cgi-bin/message/template/send`."""

from msgspec.json import Encoder

from queues.push import Push

_encode = Encoder().encode


class TemplateChannel:
    """For one openid and `client_msg_id` the platform sends one message within ten minutes; ours is the push's id."""

    api = "template"
    path = "/cgi-bin/message/template/send"

    def body(self, push: Push) -> bytes:
        head = b'{"touser":%b,"client_msg_id":%b' % (_encode(push.recipient), _encode(push.id))
        return head + (b"}" if push.body == b"{}" else b"," + push.body[1:])
