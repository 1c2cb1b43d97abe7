"""Mass messages (群发): one message to a list of people, to a tag, or to everybody who follows."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.json import Encoder

from gateway.pushes.bodies.custom import Card, Content, Medium
from gateway.pushes.bodies.message import Message, MessageReader, Part, Text, check_picture
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


class MassText(_Message, frozen=True, tag="text"):
    text: Content


class MassImages(_Message, frozen=True, tag="image"):
    images: Images | None = None


class MassVoice(_Message, frozen=True, tag="voice"):
    voice: Medium


class MassVideo(_Message, frozen=True, tag="mpvideo"):
    mpvideo: Medium


class MassNews(_Message, frozen=True, tag="mpnews"):
    mpnews: Medium


class MassCard(_Message, frozen=True, tag="wxcard"):
    wxcard: Card


MassMessage = MassText | MassImages | MassVoice | MassVideo | MassNews | MassCard
_reader: MessageReader[MassMessage] = MessageReader(MassMessage)
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
    check_picture(item, message, message.images if isinstance(message, MassImages) else None)
    people, chosen = message.touser, message.filter
    if (people is None) == (chosen is None):
        raise RejectedPushError(".message", "give either touser or filter")
    if people is not None and not FEWEST <= len(set(people)) <= MOST:
        raise RejectedPushError(".message.touser", f"{len(set(people))} people; the platform takes {FEWEST} to {MOST}")
    if chosen is not None and chosen.is_to_all == (chosen.tag_id is not UNSET):
        raise RejectedPushError(".message.filter", "give either is_to_all or tag_id")
    return _encode(message)
