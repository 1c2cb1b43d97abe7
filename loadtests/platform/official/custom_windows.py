"""How long, and how often, a person may be answered by customer-service messages (§4.4)."""

from typing import Literal

from msgspec import Struct

Trigger = Literal["message", "click", "follow", "scan", "payment"]

LONG = 48 * 3_600.0
SHORT = 60.0
SHORT_MESSAGES = 3
TYPING_SECONDS = 30.0

_OPENED_BY: dict[str, Trigger] = {
    "subscribe": "follow",
    "SCAN": "scan",
    "CLICK": "click",
    "scancode_push": "click",
    "scancode_waitmsg": "click",
}


def trigger_of(event: str) -> Trigger | None:
    """What a callback opens; an empty name is a message."""
    return _OPENED_BY.get(event) if event else "message"


class _Open(Struct):
    until: float
    left: int  # below 0: no limit


class CustomWindows:
    """The open windows by openid: one a person, the newest trigger's; as many as people ever did something.

    `messages` in the 48 h after a message (5 now, 20 formerly); `paying`: a payment opens 48 h without a limit, which
    older documents say and the newest does not (§9.11).
    """

    def __init__(self, messages: int = 5, *, paying: bool = False) -> None:
        self._messages = messages
        self._paying = paying
        self._open: dict[str, _Open] = {}
        self._heard: dict[str, float] = {}
        self._typing: set[str] = set()

    def trigger(self, openid: str, trigger: Trigger, now: float) -> None:
        """A person did something; a new trigger replaces what the one before opened."""
        if trigger == "payment" and not self._paying:
            return
        if trigger == "message":
            self._heard[openid] = now
        long = trigger in {"message", "payment"}
        left = -1 if trigger == "payment" else self._messages if trigger == "message" else SHORT_MESSAGES
        self._open[openid] = _Open(now + (LONG if long else SHORT), left)

    def send(self, openid: str, now: float) -> int:
        """Count a message: 0, or 45015 outside a window, 45047 if all of its messages are used."""
        window = self._open.get(openid)
        if window is None or now >= window.until:
            self._open.pop(openid, None)
            return 45015
        if not window.left:
            return 45047
        window.left -= window.left > 0
        self._typing.discard(openid)
        return 0

    def typing(self, openid: str, now: float, *, begin: bool) -> int:
        """0, or 45080 without a message in the last 30 s, 45081 if it is shown already."""
        if now - self._heard.get(openid, float("-inf")) > TYPING_SECONDS:
            self._typing.discard(openid)
            return 45080
        if not begin:
            self._typing.discard(openid)
            return 0
        if openid in self._typing:
            return 45081
        self._typing.add(openid)
        return 0
