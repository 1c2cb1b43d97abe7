"""The whole platform down for a while: 5xx, no answer, or connections accepted and closed."""

from typing import Literal

from loadtests.platform.http_server import Reply

Manner = Literal["5xx", "silence", "close"]

_REPLIES: dict[Manner, Reply] = {
    "5xx": Reply(status=502, body=b"<html>502 Bad Gateway</html>", content_type=b"text/html"),
    "silence": Reply(how="silence"),
    "close": Reply(how="close"),
}


class Outage:
    """Down until a time; `now` is monotonic. Only calls are affected, callbacks go on."""

    def __init__(self) -> None:
        self._until = float("-inf")
        self._reply = _REPLIES["5xx"]

    def begin(self, manner: Manner, now: float, seconds: float) -> None:
        self._reply = _REPLIES[manner]
        self._until = now + seconds

    def end(self) -> None:
        self._until = float("-inf")

    def remaining(self, now: float) -> float:
        """Seconds that it still lasts; 0 if the platform is up."""
        return max(0.0, self._until - now)

    def reply(self, now: float) -> Reply | None:
        """What every call is answered, or None if the platform is up."""
        return self._reply if now < self._until else None
