"""The further channels of a push, each made into what goes out there."""

from msgspec import structs

from gateway.pushes.bodies.registry import body_for
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import FallbackItem, PushItem
from queues.account import Account
from queues.push import Fallback


def read_fallback(item: PushItem, account: Account, link: str = "") -> tuple[Fallback, ...]:
    """Each further channel with its body, checked like the first; `link` leads to the push's picture.

    Raises:
        RejectedPushError: one of them would be refused if it were the push's only channel.
    """
    return tuple(_step(item, account, link, position, step) for position, step in enumerate(item.fallback))


def _step(item: PushItem, account: Account, link: str, position: int, step: FallbackItem) -> Fallback:
    content = {name: getattr(step, name) for name in FallbackItem.__struct_fields__ if name != "on"}
    try:
        body = body_for(structs.replace(item, fallback=(), **content), account, link)
    except RejectedPushError as rejection:
        raise RejectedPushError(f".fallback[{position}]{rejection.path}", rejection.reason) from rejection
    return Fallback(step.channel, body, tuple(dict.fromkeys(step.on)))
