"""Settles events that were read: what they say of pushes and recipients is done, and they are acknowledged."""

from collections.abc import Collection, Sequence

from queues import scripts
from queues.codec import ended_in, recipient_digest
from queues.event import MASS_EVENT, CallbackEvent
from queues.events.mass import told_by_mass
from queues.events.reader import Entry
from queues.events.subscriptions import CHOICE_EVENTS, SENT_EVENT, read_choices, read_sent
from queues.events.windows import opening_of
from queues.keys import DISPATCH_GROUP, EARLY_RECEIPT_SECONDS
from queues.push import RETAIN_SECONDS, Ended
from queues.scripts import Call
from queues.store import Store
from queues.unreadable import report_events

RECEIPT_EVENT = "templatesendjobfinish"

_Fact = tuple[str, str, str | int, str | int, bytes]
"""Kind, account, msgid or end, what is told, template or messages, recipient's digest: as in `settle_events.lua`."""
_NOTHING: _Fact = ("other", "", "", "", b"")


async def settle_events(
    store: Store,
    shard: int,
    entries: Sequence[Entry],
    *,
    retain_seconds: float = RETAIN_SECONDS,
    windowed: Collection[str] = (),
) -> list[Ended]:
    """Match receipts, keep suppressions true to what recipients decide, acknowledge; the pushes that a receipt ended.

    For accounts in `windowed` what recipients do opens the windows in which they may be answered.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    if not entries:
        return []
    keys = store.keys[shard]
    arguments: list[object] = [keys.prefix, DISPATCH_GROUP, int(retain_seconds * 1000), EARLY_RECEIPT_SECONDS]
    unread = []
    for entry in entries:
        facts = _read(entry, windowed)
        if not facts:
            unread.append(entry.id)
        for fact in facts or [_NOTHING]:
            arguments += (entry.id, *fact)
    [(flat, undone)] = await store.run(
        "settle_events", [Call(scripts.load("settle_events"), (keys.events, keys.suppressed), arguments)]
    )
    report_events([*unread, *(each.decode() for each in undone)], "acknowledged")
    return ended_in(flat)


def _read(entry: Entry, windowed: Collection[str]) -> list[_Fact]:
    """The facts of an entry; none if it cannot be read."""
    event = entry.event
    if event is None:
        return []
    try:
        return _facts(event) + (_opened(event) if event.account in windowed else [])
    except Exception:  # noqa: BLE001 - whatever an event says, those behind it are acted on
        return []


def _facts(event: CallbackEvent) -> list[_Fact]:
    """What an event says that concerns pushes; `other` if nothing."""
    account = event.account
    recipient = recipient_digest(account, event.recipient)
    if event.name in (RECEIPT_EVENT, MASS_EVENT):
        status = _one_line(event.status)
        told = status if event.name == RECEIPT_EVENT else told_by_mass(status, event.body)
        return [("receipt", account, event.msgid, told, recipient)]
    if event.name == SENT_EVENT:
        notices = read_sent(event.body)
        return [("receipt", account, sent.msgid, _one_line(sent.status), recipient) for sent in notices] or [_NOTHING]
    if event.name in ("subscribe", "unsubscribe"):
        return [(event.name, account, "", "", recipient)]
    if event.name in CHOICE_EVENTS:
        return [
            ("accept" if choice.accepted else "reject", account, "", choice.template, recipient)
            for choice in read_choices(event.body)
        ] or [_NOTHING]
    return [_NOTHING]


def _one_line(status: str) -> str:
    """What follows a line break is JSON to `receipts.lua`, and shown as such."""
    return " ".join(status.split())


def _opened(event: CallbackEvent) -> list[_Fact]:
    """The fact that an event opens a window, if it does; by the platform's clock, since it is the platform's window."""
    opening = opening_of(event)
    if opening is None:
        return []
    ends = (event.created + opening.seconds) * 1000
    recipient = recipient_digest(event.account, event.recipient)
    return [("window", event.account, ends, opening.messages, recipient)]
