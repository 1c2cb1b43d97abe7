"""One request of a connection and the place of its answer."""

from typing import Final, Protocol

from gateway.http.messages import Response


class Asker(Protocol):
    """The connection that an exchange belongs to."""

    def on_answer(self) -> None:
        """An answer of ours is there."""


class Exchange:
    """Holds an answer until its turn has come: requests may be answered in any order, and are sent in theirs."""

    __slots__ = ("_asker", "head", "persistent", "response")

    def __init__(self, asker: Asker, *, persistent: bool, head: bool = False) -> None:
        self._asker = asker
        self.persistent: Final = persistent
        """Whether the client lets the connection stay open after it."""
        self.head: Final = head
        """Whether the answer goes without its body, as the request was HEAD."""
        self.response: Response | None = None

    def answer(self, response: Response) -> None:
        """Take the answer; the first one counts, so that a handler that answers and then fails does no harm."""
        if self.response is None:
            self.response = response
            self._asker.on_answer()
