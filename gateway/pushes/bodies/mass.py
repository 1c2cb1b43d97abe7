"""Mass messages (群发): one message to a list of people, to a tag, or to everybody who follows."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.json import Encoder

from gateway.pushes.bodies.custom import Card
from gateway.pushes.bodies.message import Content, Medium, Message, MessageReader, Part, Text
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import PushItem
from queues.account import Account
from queues.push import AUDIENCE_IN_MESSAGE

FEWEST = 2
MOST = 10_000


class Filter(Part, frozen=True, omit_defaults=False):
    """Everybody, or those with a tag. `is_to_all` is always said: the platform refuses a filter without it."""

    is_to_all: bool = False
    tag_id: int | UnsetType = UNSET


class Images(Part, frozen=True):
    media_ids: Annotated[list[Text], Meta(min_length=1)]


class _Message(Message, frozen=True, kw_only=True):
    """The audience, as the platform has it: `touser` or `filter`."""

    touser: list[Text] | None = None
    filter: Filter | None = None
    send_ignore_reprint: int = 0


_reader = MessageReader(
    _Message,
    {"text": Content, "voice": Medium, "mpvideo": Medium, "mpnews": Medium, "wxcard": Card},
    image=("images", Images),
)
_encode = Encoder().encode


def mass_body(item: PushItem, _account: Account) -> bytes:
    """The body of a mass message.

    Raises:
        RejectedPushError: `message` has no audience, or not one that the platform takes, or is of no known type.
    """
    if item.to != AUDIENCE_IN_MESSAGE:
        reason = (
            f"write {AUDIENCE_IN_MESSAGE!r}: whom a mass message goes to stands in message.touser or message.filter"
        )
        raise RejectedPushError(".to", reason)
    message = _reader.read(item)
    people, chosen = message.touser, message.filter
    if (people is None) == (chosen is None):
        raise RejectedPushError(".message", "give either touser or filter")
    if people is not None and not FEWEST <= len(set(people)) <= MOST:
        raise RejectedPushError(".message.touser", f"{len(set(people))} people; the platform takes {FEWEST} to {MOST}")
    if chosen is not None and chosen.is_to_all == (chosen.tag_id is not UNSET):
        raise RejectedPushError(".message.filter", "give either is_to_all or tag_id")
    return _encode(message)
