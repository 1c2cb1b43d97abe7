"""A parsed callback, as the gateway appends it and everyone else reads it."""

from msgspec import Struct

from queues.push import AUDIENCE_IN_MESSAGE

MASS_EVENT = "masssendjobfinish"


class CallbackEvent(Struct, frozen=True, kw_only=True):
    """One message or event that the platform delivered.

    `type` is MsgType lower-cased (`text`, `image`, … or `event`); `name` is Event lower-cased, empty for messages.
    `key` is EventKey; `msgid` is MsgId or MsgID as a decimal string (it exceeds 2^53); `status` is a receipt's exact
    Status. All three are empty where the platform sent none. `identity` is the 16-byte digest that repeats share.
    `body` is the decrypted body as received; `received` is seconds since the epoch.
    """

    account: str
    recipient: str
    type: str
    name: str
    created: int
    key: str
    msgid: str
    status: str
    identity: bytes
    body: bytes
    received: float

    @property
    def addressee(self) -> str:
        """Whose shard it belongs to: the recipient's, or for the receipt of a mass message that message's own."""
        return AUDIENCE_IN_MESSAGE if self.name == MASS_EVENT else self.recipient
