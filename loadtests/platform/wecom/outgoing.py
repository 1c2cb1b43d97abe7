"""Messages an application has sent: duplicate check, recall, and cards that may be updated (§4.10)."""

import hashlib
from collections import OrderedDict
from typing import TypeVar

from msgspec import Struct

RECALL_SECONDS = 86_400.0
_KEPT = 200_000

K = TypeVar("K")
V = TypeVar("V")


class Sent(Struct):
    """One accepted message."""

    number: int
    at: float
    recalled: bool = False


class Outgoing:
    """The newest 200,000 messages of one application; `code_seconds` is the life of a response_code."""

    def __init__(self, code_seconds: float) -> None:
        self._code_seconds = code_seconds
        self._messages: OrderedDict[str, Sent] = OrderedDict()
        self._contents: OrderedDict[bytes, tuple[float, str]] = OrderedDict()
        self._codes: OrderedDict[str, float] = OrderedDict()
        self._tasks: OrderedDict[str, None] = OrderedDict()

    def add(self, msgid: str, number: int, now: float) -> None:
        _keep(self._messages, msgid, Sent(number, now))

    def repeats(self, content: bytes, interval: int, now: float) -> str:
        """The msgid of the same content to the same target within the interval; empty: there is none."""
        earlier = self._contents.get(_digest(content))
        return earlier[1] if earlier is not None and now - earlier[0] < interval else ""

    def remember(self, content: bytes, msgid: str, now: float) -> None:
        _keep(self._contents, _digest(content), (now, msgid))

    def recall(self, msgid: str, now: float) -> bool:
        """False for a message that is unknown, older than 24 h or recalled already."""
        sent = self._messages.get(msgid)
        if sent is None or sent.recalled or now - sent.at >= RECALL_SECONDS:
            return False
        sent.recalled = True
        return True

    def claim_task(self, task_id: str) -> bool:
        """Whether no earlier card has this task_id."""
        if task_id in self._tasks:
            return False
        _keep(self._tasks, task_id, None)
        return True

    def issue_code(self, code: str, now: float) -> None:
        _keep(self._codes, code, now + self._code_seconds)

    def use_code(self, code: str, now: float) -> bool:
        """Whether a response_code is good; it is so once."""
        return self._codes.pop(code, 0) > now


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _keep(store: OrderedDict[K, V], key: K, value: V) -> None:
    store.pop(key, None)
    store[key] = value
    if len(store) > _KEPT:
        store.popitem(last=False)
