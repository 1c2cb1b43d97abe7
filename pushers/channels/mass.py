"""Mass messages (群发): `POST /cgi-bin/message/mass/send` to a list of people, `…/sendall` to a tag or everybody."""

from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from pushers.channels.channel import put_first
from pushers.verdict import Verdict, judge
from queues.account import AccountKind
from queues.push import Push


class _Audience(Struct, frozen=True):
    """What of a body says which of the two calls it is for."""

    filter: Raw = Raw()


_audience = Decoder(_Audience).decode
_encode = Encoder().encode


class MassChannel:
    """For 24 hours the platform carries out one message a `clientmsgid`: a repeat gets 45065 with the first's `msg_id`.

    The page allows 64 bytes for it, and 36 were refused with 45067; a push's id has 30 at most. What is accepted is
    a job: its end is told by MASSSENDJOBFINISH, under the same `msg_id`.
    """

    api = "mass"
    kind: AccountKind = "official"
    repeat_safe_seconds = 86_400.0
    windowed = False
    picture_field = b'"images":{"media_ids":[%b]}'

    def path(self, push: Push) -> str:
        return f"/cgi-bin/message/mass/{'sendall' if _audience(push.body).filter else 'send'}"

    def body(self, push: Push) -> bytes:
        return put_first(b'"clientmsgid":%b' % _encode(push.id), push.body)

    def judge(self, status: int, body: bytes) -> Verdict:
        return judge(status, body)
