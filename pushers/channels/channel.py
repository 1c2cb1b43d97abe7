"""What the pushers know of one of the interfaces that they send to."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.json import Encoder

from pushers.verdict import Verdict, judge
from queues.account import ChannelKind
from queues.push import Push

_encode = Encoder().encode


class Channel(Struct, frozen=True, kw_only=True):
    """One way to reach a recipient.

    `api` names the limit that its sends count against (`[accounts.limits.<api>]`) and the queues that its pushes wait
    in; `kind` is what an account that offers it is, or has. `path` is the request's under the account's `api_base`, and
    empty where the address is whole without; `body` is in raw UTF-8, since the platform shows JSON's numeric escapes
    literally, or refuses them; `judge` says what an answer (status, body) means, and never raises.

    `receipt`: the platform says later what became of a send; where it does not, `sent` is how a push ends. For
    `repeat_safe_seconds` after a send whose answer was lost the other side drops a repeat of it; 0: never.
    `windowed`: sends are allowed only within the windows that recipients open. `picture_field` is the field that shows
    a picture, with `%b` for its media id as JSON; empty where the channel takes none.
    """

    api: str
    kind: ChannelKind = "official"
    path: Callable[[Push], str]
    body: Callable[[Push], bytes]
    judge: Callable[[int, bytes], Verdict] = judge
    receipt: bool = True
    repeat_safe_seconds: float = 0.0
    windowed: bool = False
    picture_field: bytes = b""


def to_recipient(push: Push) -> bytes:
    """The push's body with its recipient, as most interfaces have it."""
    return put_first(b'"touser":%b' % _encode(push.recipient), push.body)


def put_first(fields: bytes, body: bytes) -> bytes:
    """The JSON object `body` with more fields in front, given without braces."""
    return b"{%b}" % fields if body == b"{}" else b"{%b,%b" % (fields, body[1:])


def show_picture(channel: Channel, body: bytes, media_id: str) -> bytes:
    """The JSON object `body`, which is not empty, with the picture in it."""
    return b"%b,%b}" % (body[:-1], channel.picture_field % _encode(media_id))
