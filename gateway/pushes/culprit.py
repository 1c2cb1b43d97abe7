"""Finds the key that a complaint is about: of a map, msgspec tells that some value does not fit, and not whose."""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import msgspec

from gateway.pushes.complaint import RejectedPushError, shorten
from gateway.pushes.item import MAX_FIELDS, TAG_LENGTH, FieldValue, TagValue

_MAPS: Mapping[str, Any] = {"data": FieldValue, "tags": TagValue}
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")


def name_key(rejection: RejectedPushError, outline: Callable[[], object]) -> RejectedPushError:
    """The complaint with the first such key in place of `[...]`, as `outline` reads the item again.

    As it is where none is found, or where the item is broken beyond what was complained of.
    """
    head, unnamed, tail = rejection.path.partition("[...]")
    kind = _MAPS.get(head.rpartition(".")[2])
    if not unnamed or kind is None:
        return rejection
    try:
        values = _at(outline(), head)
    except (ValueError, RecursionError):
        return rejection
    for key, value in islice(values.items(), MAX_FIELDS):
        if isinstance(value, str) and len(value) <= TAG_LENGTH:
            continue  # as most are; it fits wherever a key may have a value
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return RejectedPushError(f"{head}.{shorten(key)}{tail}", rejection.reason)
    return rejection


def _at(item: Any, path: str) -> dict[str, object]:
    """The map at a path that the item has been read along already."""
    for name, index in _PART.findall(path):
        item = item[name] if name else item[int(index)]
    return dict(item)
