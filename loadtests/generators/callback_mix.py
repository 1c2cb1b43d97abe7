"""Callbacks of every kind as they are mixed on a busy day, seeded; and an endless line of them, no two alike."""

import random
from collections.abc import Callable, Iterator
from typing import Literal

from loadtests.platform import callbacks
from loadtests.platform.callbacks import Callback

Kind = Literal["subscribe", "text", "SCAN", "CLICK", "receipt"]

FIRST_MSGID = 1 << 61
_KINDS: tuple[Kind, ...] = ("subscribe", "text", "SCAN", "CLICK", "receipt")
_SHARES = (30, 25, 15, 15, 15)
_STATUSES = ("success", "failed:user block", "failed: system failed")
_STATUS_SHARES = (96, 3, 1)
_MENU_KEYS = ("balance", "appointments", "notices", "about")
_SCENES = 500
_PEOPLE = 5_000


class CallbackMix:
    """Says what somebody does; who that is, and when, is the caller's business."""

    def __init__(self, original_id: str, chance: random.Random) -> None:
        self._original_id = original_id
        self._chance = chance

    def any_kind(self) -> Kind:
        return self._chance.choices(_KINDS, _SHARES)[0]

    def make(self, kind: Kind, openid: str, created: int, msgid: int) -> Callback:
        """A callback of that kind; `msgid` for a message or a receipt, since events have none."""
        chance, to = self._chance, self._original_id
        match kind:
            case "text":
                return callbacks.text(to, openid, created, msgid, f"查询 粤A{chance.randrange(100_000):05d}")
            case "receipt":
                return callbacks.receipt(to, openid, created, msgid, chance.choices(_STATUSES, _STATUS_SHARES)[0])
            case "subscribe":
                key = f"qrscene_{chance.randrange(_SCENES)}"
            case "SCAN":
                key = str(chance.randrange(_SCENES))
            case "CLICK":
                key = chance.choice(_MENU_KEYS)
        return callbacks.event(to, openid, created, kind, key=key)


def mixed_callbacks(original_id: str, seed: int, wall: Callable[[], float]) -> Iterator[Callback]:
    """Callbacks from 5,000 people, created when asked for.

    Identities never repeat: an event that one person already made in the same second is drawn again, for the platform
    itself tells such two apart by nothing. Message ids begin at a place of the seed's own above 2^53.
    """
    chance = random.Random(seed)
    mix = CallbackMix(original_id, chance)
    msgid = FIRST_MSGID + (int(wall() * 1000) << 16)
    seen: set[tuple[str, str, str]] = set()
    second = 0
    while True:
        created = int(wall())
        if created != second:
            seen.clear()
            second = created
        openid = f"oSpike{seed % 10_000:04d}{chance.randrange(_PEOPLE):018d}"
        msgid += 1
        drawn = mix.make(mix.any_kind(), openid, created, msgid)
        if not drawn.msgid:
            identity = (openid, drawn.name, drawn.key)
            if identity in seen:
                continue
            seen.add(identity)
        yield drawn
