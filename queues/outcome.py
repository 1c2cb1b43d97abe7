"""What a pusher has to say about a claim when it settles it."""

from typing import Literal

from msgspec import Struct

OutcomeKind = Literal["sent", "release", "retry", "park", "suppressed", "failed", "expired", "dead"]


class Outcome(Struct, frozen=True, kw_only=True):
    """The result of one claim.

    * `sent`: the platform accepted it as `msgid`; the receipt decides the rest.
    * `release`: nothing was sent; back to the front of its queue, no attempt counted.
    * `retry`: sent or tried, not accepted; again in `delay_seconds`.
    * `park`: the account's quota is gone; again in `delay_seconds`, no attempt counted.
    * `suppressed`: the recipient takes no messages; with `suppress` the recipient's later pushes are dropped too.
    * `failed`, `expired`, `dead`: given up, for the reason in `error`.
    """

    id: str
    number: int
    kind: OutcomeKind
    account: str
    recipient: str
    msgid: str = ""
    delay_seconds: float = 0
    error: str = ""
    suppress: bool = False
