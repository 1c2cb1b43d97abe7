"""What a pusher has to say about a claim when it settles it."""

from typing import Literal

from msgspec import Struct

from queues.attempt import Attempt
from queues.push import Claim, Push

OutcomeKind = Literal[
    "sent", "release", "later", "retry", "park", "move", "suppressed", "failed", "expired", "dead",
]  # fmt: skip
Suppress = Literal["", "recipient", "template"]


class Outcome(Struct, frozen=True, kw_only=True):
    """The result of one claim.

    * `sent`: the platform accepted it as `msgid`; the receipt decides the rest, and where none follows this is its end.
    * `release`: nothing was sent; back to the front of its queue, no attempt counted.
    * `later`: nothing was sent, and nothing is to be for `delay_seconds`; no attempt counted.
    * `retry`: sent or tried, not accepted; again in `delay_seconds`.
    * `park`: the account's quota is gone; again in `delay_seconds`, no attempt counted.
    * `suppressed`: the recipient does not take it; `suppress` says which of its later pushes are dropped too: none, all
      (`recipient`), or those of the same `template`.
    * `move`: the recipient does not take it on this channel; on to the queue of `next_push`, under the same id.
    * `failed`, `expired`, `dead`: given up, for the reason in `error`.

    `attempt` goes into the push's history, but for `sent`, which the push shows anyway. With `safe_seconds` nobody
    knows whether the platform has the push: a `retry` more than so long after the first attempt becomes `failed`.
    `repeat_safe` says of a `move` that a repeat could not arrive twice; otherwise it becomes `failed` after an attempt
    whose outcome is unknown. `detail` is what else the platform said to a `sent`, as a JSON object.
    `receipt_follows` says of a `sent` whether the platform will tell how it ended.
    """

    claim: Claim
    kind: OutcomeKind
    msgid: str = ""
    delay_seconds: float = 0
    error: str = ""
    suppress: Suppress = ""
    template: str = ""
    attempt: Attempt | None = None
    safe_seconds: float | None = None
    detail: bytes = b""
    receipt_follows: bool = True
    next_push: Push | None = None
    repeat_safe: bool = True
