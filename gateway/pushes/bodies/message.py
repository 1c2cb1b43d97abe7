r"""Reads a push's `message`: the channel's own object, checked against its types and written anew.

Written anew, since upstreams may escape characters as JSON allows (`\u84dd`), which the platform shows or refuses.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar, Union

from msgspec import Meta, Raw, Struct, ValidationError, defstruct
from msgspec.json import Decoder

from gateway.pushes.complaint import RejectedPushError, explain
from gateway.pushes.item import PushItem

Text = Annotated[str, Meta(min_length=1)]
"""A text that the platform refuses to be without."""

M = TypeVar("M", bound="Message")
_TEMPLATE_FIELDS = ("template_id", "data", "url", "miniprogram")


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """An object within a message."""


class Message(Part, frozen=True, tag_field="msgtype"):
    """A message; the tag of each of its types is the platform's name for it."""


class Content(Part, frozen=True):
    content: Text


class Medium(Part, frozen=True):
    media_id: Text


class MessageReader(Generic[M]):
    """Reads the messages of one channel, each of one of its types."""

    def __init__(self, common: type[M], parts: Mapping[str, Any], image: tuple[str, Any] = ("image", Medium)) -> None:
        """Take what all of the channel's messages have, and the object that a message of each type has under its name.

        Every channel has images, which name a medium of their own or show the push's; `image` is where, and what.
        """
        self._image, medium = image
        fields: dict[str, Any] = {kind: (kind, part) for kind, part in parts.items()}
        fields["image"] = (self._image, medium | None, None)
        types = [defstruct(kind, [own], bases=(common,), frozen=True, tag=kind) for kind, own in fields.items()]
        self._decode = Decoder(Union[tuple(types)]).decode  # noqa: UP007  made, not written
        self._names = ", ".join(sorted(fields))

    def read(self, item: PushItem) -> M:
        """The push's message.

        Raises:
            RejectedPushError: it is missing or of no known form, or a template's fields stand beside it; it shows a
                picture besides the push's, or none.
        """
        written = written_message(item, '{"msgtype": "text", …}')
        try:
            message: M = self._decode(written)
        except ValidationError as error:
            if "`$.msgtype`" in str(error):
                raise RejectedPushError(".message.msgtype", f"expected one of {self._names}") from error
            rejection = explain(error, {}, {})
            raise RejectedPushError(f".message{rejection.path}", rejection.reason) from error
        except ValueError as error:  # until now nobody has looked into its strings
            raise RejectedPushError(".message", "is not UTF-8") from error
        self._check_picture(item, message)
        return message

    def _check_picture(self, item: PushItem, message: M) -> None:
        if type_of(message) != "image":
            if item.image is not None:
                raise RejectedPushError(".message.msgtype", "expected image, as the push has one")
        elif (item.image is None) == (getattr(message, self._image) is None):
            raise RejectedPushError(".message", "shows a medium of its own or the push's image: give one of them")


def written_message(item: PushItem, example: str) -> Raw:
    """The push's message as it was written.

    Raises:
        RejectedPushError: it is missing, or a template's fields stand beside it.
    """
    for name in _TEMPLATE_FIELDS:
        if getattr(item, name):
            raise RejectedPushError(f".{name}", f"is for templates; {item.channel} takes message")
    if not item.message:
        raise RejectedPushError(".message", f"required for channel {item.channel}, as {example}")
    return item.message


def type_of(message: Message) -> str:
    """The platform's name for the message's type."""
    return str(message.__struct_config__.tag)


def check_bytes(path: str, text: str, most: int) -> None:
    """Refuse a text that the platform would cut off.

    Raises:
        RejectedPushError: it has more than `most` bytes of UTF-8.
    """
    size = len(text.encode())
    if size > most:
        raise RejectedPushError(f".message.{path}", f"{size} bytes of UTF-8; the platform takes {most}")
