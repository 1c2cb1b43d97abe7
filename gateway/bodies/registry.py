"""The channels that can be pushed to, by the name that a push carries."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from gateway.bodies.template import template_body
from gateway.complaint import RejectedPushError, quote
from gateway.push_item import PushItem
from queues.account import AccountKind

MAX_BODY_BYTES = 16_384
"""What goes to the platform for one push; a queue of a million must fit into the store's memory."""


class Channel(Struct, frozen=True):
    """The accounts that have it, and what makes the platform's JSON object of a push.

    The object is raw UTF-8, without what the sender adds: the recipient, and an id that lets the platform drop a
    repeat. `body` raises RejectedPushError for a push that the platform would refuse.
    """

    kind: AccountKind
    body: Callable[[PushItem], bytes]


CHANNELS: Mapping[str, Channel] = {
    "template": Channel("official", template_body),
}


def body_for(item: PushItem, kind: AccountKind) -> bytes:
    """What the platform will be sent for a push through an account of this kind.

    Raises:
        RejectedPushError: there is no such channel, the account has not got it, or the push lacks what it needs.
    """
    channel = CHANNELS.get(item.channel)
    if channel is None or channel.kind != kind:
        fault = "an unknown channel" if channel is None else f"no channel of this account, which is of kind {kind}"
        available = ", ".join(name for name, each in CHANNELS.items() if each.kind == kind) or "none"
        raise RejectedPushError(".channel", f"{quote(item.channel)} is {fault}; available: {available}")
    body = channel.body(item)
    if len(body) > MAX_BODY_BYTES:
        raise RejectedPushError(
            "", f"{len(body)} bytes go to the platform; at most {MAX_BODY_BYTES}: shorten data or url"
        )
    return body
