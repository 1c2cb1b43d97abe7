"""What the events about subscription notices (订阅通知) list: a recipient's choices, and what became of notices.

The facts stand in a `List` that repeats, which the flat fields of a `CallbackEvent` cannot hold, so they are read from
its body, once, where events are settled. In XML a `List` is an element a fact; in JSON an array or, for a single fact,
the object itself, with its numbers as text or not. The gateway has parsed the whole body before, without a DTD.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

CHOICE_EVENTS = frozenset({"subscribe_msg_popup_event", "subscribe_msg_change_event"})
SENT_EVENT = "subscribe_msg_sent_event"

MOST = 64  # an account has 25 templates, and a popup shows three
_LONGEST = 128
_ELEMENT = re.compile(r"<(\w+)>\s*(?:<!\[CDATA\[)?([^\]<]*)", re.ASCII)


class Choice(Struct, frozen=True):
    """A recipient's decision about one template."""

    template: str
    accepted: bool


class SentNotice(Struct, frozen=True):
    """What became of one notice; `status` is `success`, or why it failed."""

    msgid: str
    status: str


def read_choices(body: bytes) -> list[Choice]:
    """The choices in a popup or change event; whatever is not one is passed over."""
    return [
        Choice(item["TemplateId"], item["SubscribeStatusString"] == "accept")
        for item in _items(body)
        if item.get("TemplateId") and item.get("SubscribeStatusString") in {"accept", "reject"}
    ]


def read_sent(body: bytes) -> list[SentNotice]:
    """The receipts in a sent event. Only ErrorCode 0 is documented; any other is a failure, told in its own words."""
    return [
        SentNotice(
            item["MsgID"], "success" if item.get("ErrorCode") == "0" else f"failed: {item.get('ErrorStatus', '')}"
        )
        for item in _items(body)
        if item.get("MsgID")
    ]


def _items(body: bytes) -> Iterator[dict[str, str]]:
    found = _json_items(body) if body.lstrip().startswith(b"{") else _xml_items(body)
    for _, item in zip(range(MOST), found, strict=False):
        yield {name: value for name, value in item.items() if len(value) <= _LONGEST}


def _xml_items(body: bytes) -> Iterator[dict[str, str]]:
    # Not by one expression: looked for from each opening on, an end that is not there costs the square of the body.
    for opened in body.decode("utf-8", "replace").split("<List>")[1:]:
        inner, closed, _ = opened.partition("</List>")
        if closed:
            yield {name: text.strip() for name, text in _ELEMENT.findall(inner)}


def _json_items(body: bytes) -> Iterator[dict[str, str]]:
    try:
        document: Any = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        return
    items = _find_list(document)
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict):
            # Half of a character, which JSON can escape and UTF-8 cannot say, is replaced.
            yield {name: str(value).encode(errors="replace").decode() for name, value in item.items()}


def _find_list(document: Any) -> Any:
    """`List` at the top, or in the event's wrapper as in XML."""
    if not isinstance(document, dict):
        return []
    if "List" in document:
        return document["List"]
    return next((value["List"] for value in document.values() if isinstance(value, dict) and "List" in value), [])
