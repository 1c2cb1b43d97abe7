r"""Reads a push's `message`: the channel's own object, checked against its types and written anew.

Written anew, since upstreams may escape characters as JSON allows (`\u84dd`), which the platform shows or refuses.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Generic, TypeVar, get_args

from msgspec import Meta, Struct, ValidationError
from msgspec.json import Decoder

from gateway.pushes.complaint import RejectedPushError, explain
from gateway.pushes.item import PushItem

Text = Annotated[str, Meta(min_length=1)]
"""A text that the platform refuses to be without."""

M = TypeVar("M", bound="Message")
_TEMPLATE_FIELDS = ("template_id", "data", "url", "miniprogram")
_WAYS_OUT: Mapping[str, str] = {}
_NAMES: Mapping[str, Iterable[str]] = {}


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """An object within a message."""


class Message(Part, frozen=True, tag_field="msgtype"):
    """A message; the tag of each of its types is the platform's name for it."""


class MessageReader(Generic[M]):
    """Reads the messages of one channel, each of one of its types."""

    def __init__(self, types: Any) -> None:
        """Take the union of the types."""
        self._decode = Decoder(types).decode
        self._names = ", ".join(sorted(each.__struct_config__.tag for each in get_args(types)))

    def read(self, item: PushItem) -> M:
        """The push's message.

        Raises:
            RejectedPushError: it is missing or of no known form, or a template's fields stand beside it.
        """
        for name in _TEMPLATE_FIELDS:
            if getattr(item, name):
                raise RejectedPushError(f".{name}", f"is for templates; {item.channel} takes message")
        if not item.message:
            raise RejectedPushError(".message", f'required for channel {item.channel}, as {{"msgtype": "text", …}}')
        try:
            message: M = self._decode(item.message)
        except ValidationError as error:
            if "`$.msgtype`" in str(error):
                raise RejectedPushError(".message.msgtype", f"expected one of {self._names}") from error
            rejection = explain(error, _NAMES, _WAYS_OUT)
            raise RejectedPushError(f".message{rejection.path}", rejection.reason) from error
        except ValueError as error:  # until now nobody has looked into its strings
            raise RejectedPushError(".message", "is not UTF-8") from error
        return message


def check_picture(item: PushItem, message: Message, shown: object) -> None:
    """A message of type image shows a medium of its own (`shown`) or the push's picture, and no other type does.

    Raises:
        RejectedPushError: it shows both, or none.
    """
    is_image = message.__struct_config__.tag == "image"
    if item.image is not None and not is_image:
        raise RejectedPushError(".message.msgtype", "expected image, as the push has one")
    if is_image and (item.image is not None) == (shown is not None):
        raise RejectedPushError(".message", "shows a medium of its own or the push's image: give one of them")


def check_bytes(path: str, text: str, most: int) -> None:
    """Refuse a text that the platform would cut off.

    Raises:
        RejectedPushError: it has more than `most` bytes of UTF-8.
    """
    size = len(text.encode())
    if size > most:
        raise RejectedPushError(f".message.{path}", f"{size} bytes of UTF-8; the platform takes {most}")
