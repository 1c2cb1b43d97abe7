r"""Reads a push's `message`: the channel's own object, checked against its types and written anew.

Written anew, since upstreams may escape characters as JSON allows (`\u84dd`), which the platform shows or refuses.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeVar

from msgspec import Meta, ValidationError
from msgspec.json import Decoder

from gateway.complaint import RejectedPushError, explain
from gateway.push_item import PushItem

Text = Annotated[str, Meta(min_length=1)]
"""A text that the platform refuses to be without."""

M = TypeVar("M")
_TEMPLATE_FIELDS = ("template_id", "data", "url", "miniprogram")
_WAYS_OUT: Mapping[str, str] = {}
_NAMES: Mapping[str, Iterable[str]] = {}


def read_message(item: PushItem, decoder: Decoder[M], kinds: Iterable[str]) -> M:
    """The message, as one of the decoder's types; `kinds` are the msgtypes there are.

    Raises:
        RejectedPushError: it is missing or of no known form, or a template's fields stand beside it.
    """
    for name in _TEMPLATE_FIELDS:
        if getattr(item, name):
            raise RejectedPushError(f".{name}", f"is for templates; {item.channel} takes message")
    if not item.message:
        raise RejectedPushError(".message", f'required for channel {item.channel}, as {{"msgtype": "text", …}}')
    try:
        return decoder.decode(item.message)
    except ValidationError as error:
        if "`$.msgtype`" in str(error):
            raise RejectedPushError(".message.msgtype", f"expected one of {', '.join(sorted(kinds))}") from error
        rejection = explain(error, _NAMES, _WAYS_OUT)
        raise RejectedPushError(f".message{rejection.path}", rejection.reason) from error


def check_bytes(path: str, text: str, most: int) -> None:
    """Refuse a text that the platform would cut off.

    Raises:
        RejectedPushError: it has more than `most` bytes of UTF-8.
    """
    size = len(text.encode())
    if size > most:
        raise RejectedPushError(f".message.{path}", f"{size} bytes of UTF-8; the platform takes {most}")
