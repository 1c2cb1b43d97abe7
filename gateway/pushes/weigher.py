"""Weighs an item before it is read: reading 8 MiB of tiny values takes a second, and nobody else is served meanwhile.

A small item is never looked at here. Of a larger one the parts that may be long are found, which takes a fiftieth of
reading them, and each must be within its bound; so must all the rest together, or a part that is written twice would
hide one of its own.
"""

from collections.abc import Mapping

from msgspec import Raw, Struct

from gateway.pushes.bodies.registry import CHANNELS, MAX_BODY_BYTES
from gateway.pushes.complaint import RejectedPushError

_AS_WRITTEN = 4
"""Times what goes to the platform: escapes, and spaces between values, make an item longer than what it becomes."""

LIGHT_BYTES = _AS_WRITTEN * MAX_BODY_BYTES
"""An item of no more than this has no part that is too long."""

_MOST_BYTES: Mapping[str, int] = {"data": LIGHT_BYTES, "tags": LIGHT_BYTES, "fallback": 4 * LIGHT_BYTES}


class ItemParts(Struct, frozen=True):
    """The parts of an item that may be long, as they are written. A picture has its own bound, and is quickly read."""

    channel: str = ""
    data: Raw = Raw()
    tags: Raw = Raw()
    fallback: Raw = Raw()
    message: Raw = Raw()
    image: Raw = Raw()


def weigh(parts: ItemParts, total: int) -> None:
    """Refuse an item of `total` bytes that would take long to read.

    Raises:
        RejectedPushError: a part of it is too long, or what stands beside its parts.
    """
    channel = CHANNELS.get(parts.channel)
    message = _AS_WRITTEN * (channel.max_bytes if channel else MAX_BODY_BYTES)
    for name, most in (*_MOST_BYTES.items(), ("message", message)):
        size = len(getattr(parts, name))
        if size > most:
            raise RejectedPushError(f".{name}", f"{size} bytes as it is written; at most {most}: shorten it")
    rest = total - sum(len(getattr(parts, name)) for name in (*_MOST_BYTES, "message", "image"))
    if rest > LIGHT_BYTES:
        raise RejectedPushError("", f"{rest} bytes beside its data, message and image; at most {LIGHT_BYTES}")
