"""What a channel must say of itself."""

from typing import Protocol

from queues.push import Push


class Channel(Protocol):
    """One way to reach a recipient.

    `api` names the limit that its sends count against (`[accounts.limits.<api>]`) and the queues that its pushes wait
    in; it is the channel's own name. `path` is the request's path under the account's `api_base`.
    """

    @property
    def api(self) -> str: ...

    @property
    def path(self) -> str: ...

    def body(self, push: Push) -> bytes:
        """The request's body, in raw UTF-8: the platform shows JSON's numeric escapes literally, or refuses them."""
