"""What a channel must say of itself."""

from typing import Protocol

from msgspec.json import Encoder

from pushers.verdict import Verdict
from queues.account import AccountKind
from queues.push import Push

_encode = Encoder().encode


class Channel(Protocol):
    """One way to reach a recipient: the whole of what the pushers know of a platform's send interface.

    `api` names the limit that its sends count against (`[accounts.limits.<api>]`) and the queues that its pushes wait
    in; `kind` is the kind of account that has it. For `repeat_safe_seconds` after a send whose answer was lost the
    platform drops a repeat of it; 0: never. `windowed`: sends are allowed only within the windows that recipients open.
    """

    @property
    def api(self) -> str: ...

    @property
    def kind(self) -> AccountKind: ...

    @property
    def repeat_safe_seconds(self) -> float: ...

    @property
    def windowed(self) -> bool: ...

    @property
    def picture_field(self) -> bytes: ...

    def path(self, push: Push) -> str:
        """The request's path under the account's `api_base`."""

    def body(self, push: Push) -> bytes:
        """The request's body, in raw UTF-8: the platform shows JSON's numeric escapes literally, or refuses them."""

    def judge(self, status: int, body: bytes) -> Verdict:
        """What an answer means, its message id under whichever name; never raises."""


def put_first(fields: bytes, body: bytes) -> bytes:
    """The JSON object `body` with more fields in front, given without braces."""
    return b"{%b}" % fields if body == b"{}" else b"{%b,%b" % (fields, body[1:])


def show_picture(channel: Channel, body: bytes, media_id: str) -> bytes:
    """The JSON object `body`, which is not empty, with the picture in it."""
    return b"%b,%b}" % (body[:-1], channel.picture_field % _encode(media_id))
