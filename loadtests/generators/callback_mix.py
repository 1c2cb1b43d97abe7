"""An endless, seeded mix of callbacks, no two alike."""

import random
from collections.abc import Callable, Iterator

from loadtests.platform import callbacks
from loadtests.platform.callbacks import Callback

_KINDS = ("subscribe", "text", "SCAN", "CLICK", "receipt")
_SHARES = (30, 25, 15, 15, 15)
_MENU_KEYS = ("balance", "appointments", "notices", "about")
_SCENES = 500
_PEOPLE = 5_000
_FIRST_MSGID = 1 << 61


def mixed_callbacks(original_id: str, seed: int, wall: Callable[[], float]) -> Iterator[Callback]:
    """Subscribe events, texts, SCAN and menu CLICK events and receipts from 5,000 people, created when asked for.

    Identities never repeat: an event that one person already made in the same second is drawn again, for the platform
    itself tells such two apart by nothing. Message ids begin at a place of the seed's own above 2^53.
    """
    source = random.Random(seed)
    msgid = _FIRST_MSGID + (int(wall() * 1000) << 16)
    seen: set[tuple[str, str, str]] = set()
    second = 0
    while True:
        created = int(wall())
        if created != second:
            seen.clear()
            second = created
        openid = f"oSpike{seed % 10_000:04d}{source.randrange(_PEOPLE):018d}"
        kind = source.choices(_KINDS, _SHARES)[0]
        msgid += 1
        if kind == "text":
            yield callbacks.text(original_id, openid, created, msgid, f"在吗 {source.randrange(1000)}")
            continue
        if kind == "receipt":
            yield callbacks.receipt(original_id, openid, created, msgid, "success")
            continue
        key = {
            "subscribe": f"qrscene_{source.randrange(_SCENES)}",
            "SCAN": str(source.randrange(_SCENES)),
            "CLICK": source.choice(_MENU_KEYS),
        }[kind]
        if (openid, kind, key) in seen:
            continue
        seen.add((openid, kind, key))
        yield callbacks.event(original_id, openid, created, kind, key=key)
