"""The channels that can be pushed to, by the name that a push carries."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct, structs

from gateway.pushes.bodies.custom import custom_body
from gateway.pushes.bodies.mass import mass_body
from gateway.pushes.bodies.subscribe import subscribe_body
from gateway.pushes.bodies.template import template_body
from gateway.pushes.bodies.webhook import webhook_body
from gateway.pushes.bodies.wecom import wecom_body
from gateway.pushes.complaint import RejectedPushError, quote
from gateway.pushes.item import PushItem
from queues.account import Account, ChannelKind

MAX_BODY_BYTES = 16_384
"""What is sent for one push; a queue of a million must fit into the store's memory."""
MAX_MASS_BYTES = 393_216
"""The same for a list of 10,000 people; an account sends a hundred of these a day at most."""


class Channel(Struct, frozen=True):
    """What an account that offers it is, or has; and what makes of a push the JSON object that goes out.

    A picture goes along as an uploaded `medium`, in a message of type image, or as a `link`, a template's url.

    The object is raw UTF-8, without what the sender adds: the recipient, and an id that lets the platform drop a
    repeat. `body` raises RejectedPushError for a push that the platform would refuse.
    """

    kind: ChannelKind
    body: Callable[[PushItem, Account], bytes]
    pictures: Literal["link", "medium"]
    max_bytes: int = MAX_BODY_BYTES


CHANNELS: Mapping[str, Channel] = {
    "template": Channel("official", template_body, "link"),
    "subscribe": Channel("official", subscribe_body, "link"),
    "custom": Channel("official", custom_body, "medium"),
    "mass": Channel("official", mass_body, "medium", MAX_MASS_BYTES),
    "wecom": Channel("wecom", wecom_body, "medium"),
    "webhook": Channel("webhook", webhook_body, "link"),
}


def body_for(item: PushItem, account: Account, link: str = "") -> bytes:
    """What will be sent for a push through this account; `link` leads to its picture, if it has one.

    Raises:
        RejectedPushError: there is no such channel, the account does not offer it, or the push lacks what it needs.
    """
    channel = CHANNELS.get(item.channel)
    if channel is None or not account.offers(channel.kind):
        raise RejectedPushError(".channel", f"{quote(item.channel)} is {_why_not(channel, account)}")
    if item.image is not None and channel.pictures == "link":
        item = _point_to_picture(item, link)
    try:
        body = channel.body(item, account)
    except RecursionError as error:
        raise RejectedPushError(".message", "nested too deep") from error
    if len(body) > channel.max_bytes:
        where = ".message" if item.message else ".data"
        raise RejectedPushError(where, f"{len(body)} bytes are sent; at most {channel.max_bytes}: shorten it")
    return body


def _why_not(channel: Channel | None, account: Account) -> str:
    available = ", ".join(name for name, each in CHANNELS.items() if account.offers(each.kind))
    if channel is None:
        return f"an unknown channel; available: {available}"
    without = "without accounts.webhook" if channel.kind == "webhook" else f"of kind {account.kind}"
    return f"no channel of an account {without}; available: {available}"


def _point_to_picture(item: PushItem, link: str) -> PushItem:
    if item.url:
        raise RejectedPushError(".url", "leave it out: it is to point to the picture")
    if not link:
        raise RejectedPushError(".image", f"{item.channel} shows a picture by a link, which needs pictures.public_url")
    return structs.replace(item, url=link)
