"""Mass messages (群发): `POST /cgi-bin/message/mass/send` to a list of people, `…/sendall` to a tag or everybody.

For 24 hours the platform carries out one message a `clientmsgid`: a repeat gets 45065 with the first's `msg_id`. The
page allows 64 bytes for it, and 36 were refused with 45067; a push's id has 30 at most. What is accepted is a job: its
end is told by MASSSENDJOBFINISH, under the same `msg_id`.
"""

from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from pushers.channels.channel import Channel, put_first
from queues.push import Push


class _Audience(Struct, frozen=True):
    """What of a body says which of the two calls it is for."""

    filter: Raw = Raw()


_audience = Decoder(_Audience).decode
_encode = Encoder().encode


def _path(push: Push) -> str:
    return f"/cgi-bin/message/mass/{'sendall' if _audience(push.body).filter else 'send'}"


def _body(push: Push) -> bytes:
    return put_first(b'"clientmsgid":%b' % _encode(push.id), push.body)


MASS = Channel(
    api="mass",
    path=_path,
    body=_body,
    repeat_safe_seconds=86_400.0,
    picture_field=b'"images":{"media_ids":[%b]}',
)
