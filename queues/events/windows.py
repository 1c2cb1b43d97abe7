"""The windows in which recipients may be answered by customer-service messages.

How it works: what a recipient does opens a window of some length with some messages in it; the dispatcher reads that
from the callbacks and `settle_events` writes it down. A sender enters before each send, which spends a message. The
platform counts for itself, and where its word differs (45015, 45047) the window here is closed. A new act never
narrows what an earlier one opened: the documents do not say, and the platform corrects us where we are too generous.

Source: the platform's page on customer-service messages. Older documents allow 20 messages after one of the
recipient's own, and an unlimited number for 48 hours after a payment; the newest page does not.
"""

from typing import Literal, cast

from msgspec import Struct

from queues import scripts
from queues.codec import recipient_digest
from queues.event import CallbackEvent
from queues.scripts import Call
from queues.store import Store

Entry = Literal["open", "closed", "used"]


class Opening(Struct, frozen=True):
    """What an act of a recipient opens."""

    seconds: int
    messages: int


_WRITES = Opening(48 * 3600, 5)
_ACTS = Opening(60, 3)
_OPENED_BY = {
    "subscribe": _ACTS,
    "scan": _ACTS,
    "click": _ACTS,
    "scancode_push": _ACTS,
    "scancode_waitmsg": _ACTS,
}


def opening_of(event: CallbackEvent) -> Opening | None:
    """What a callback opens for the person it comes from."""
    return _OPENED_BY.get(event.name) if event.name or event.type == "event" else _WRITES


async def enter_window(store: Store, account: str, recipient: str) -> Entry:
    """Spend a message of the recipient's window.

    Raises:
        StoreUnavailableError: one may have been spent.
    """
    return await _look_after(store, account, recipient, "enter")


async def return_to_window(store: Store, account: str, recipient: str) -> None:
    """A message that was spent was not sent after all.

    Raises:
        StoreUnavailableError: it stays spent, perhaps.
    """
    await _look_after(store, account, recipient, "return")


async def close_window(store: Store, account: str, recipient: str) -> None:
    """The platform says that it is closed, or used up.

    Raises:
        StoreUnavailableError: it stays open, perhaps, until the platform says so again.
    """
    await _look_after(store, account, recipient, "close")


async def _look_after(store: Store, account: str, recipient: str, what: str) -> Entry:
    keys = store.keys[store.shard_of(account, recipient)]
    key = keys.window(account, recipient_digest(account, recipient))
    [state] = await store.run("window", [Call(scripts.load("window"), (key,), (what,))])
    return cast("Entry", state.decode())
