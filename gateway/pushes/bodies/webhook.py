"""Webhooks: whatever object the receiver and the upstream have agreed on, beside the push's id and recipient."""

from typing import Any

from msgspec import Struct, structs
from msgspec.json import Decoder, Encoder

from gateway.pushes.bodies.message import written_message
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import PushItem
from queues.account import Account

_decode = Decoder(dict[str, Any]).decode
_encode = Encoder().encode


class WebhookData(Struct, frozen=True, omit_defaults=True):
    """What the receiver gets of a push, but for what the sender adds; `image` is the link to its picture."""

    message: dict[str, Any]
    image: str = ""


def webhook_body(item: PushItem, _account: Account) -> bytes:
    """The data of a webhook.

    Raises:
        RejectedPushError: `message` is missing or no object, or a template's fields stand beside it.
    """
    picture = item.url if item.image is not None else ""  # with a picture, the url is the link to it
    written = written_message(structs.replace(item, url="") if picture else item, '{"text": "…"}')
    try:
        message = _decode(written)
    except ValueError as error:
        raise RejectedPushError(".message", "is not a JSON object in UTF-8") from error
    return _encode(WebhookData(message, picture))
