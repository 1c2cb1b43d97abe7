"""A push: what upstreams enqueue and pushers send."""

import re
from typing import Literal, NamedTuple

from msgspec import Struct

from queues.attempt import Attempt

Priority = Literal["high", "normal", "bulk"]
State = Literal[
    "queued", "scheduled", "sending", "retrying", "parked",
    "sent", "delivered", "failed", "suppressed", "expired", "cancelled", "dead",
]  # fmt: skip
WEBHOOK = "webhook"
"""The channel, and the API, that leads to a receiver of the account's own and not to the platform: what the platform
refuses (the recipient, a template, the account) says nothing of it."""
AUDIENCE_IN_MESSAGE = "@message"
"""The recipient of a push whose body names a whole audience: a list of people, parties, a tag."""

RETAIN_SECONDS = 604_800.0
"""How long a push stays readable after its end, where the settings do not say."""
CLAIM_SECONDS = 10.0
"""How long a claim is good, where the settings do not say."""

# A body is compact JSON, and a quotation mark inside a string has a backslash before it: this finds a key, not content.
_TEMPLATE_ID = re.compile(rb'"template_id":"([^"\\]+)"')


class Fallback(NamedTuple):
    """The next channel of a push, what goes out there, and the reasons to go on to it (`pushers.outcomes.fallback`)."""

    channel: str
    body: bytes
    on: tuple[str, ...]


class NewPush(Struct, frozen=True, kw_only=True, gc=False):
    """A validated push before it has an id.

    `body` is the platform's own JSON object (raw UTF-8) without the recipient and the `client_msg_id`, which the
    sender adds; it is stored once and never changed. `channel` is also the name of the API that it counts
    against. Times are seconds since the epoch; 0 means unset.
    `time_zone` is the recipient's, where it is not the account's. `notify`: the upstream is told how it ended.
    `id_number` is given where the same request must find the same push again (`request_keys`): its id is made of that
    and of `accepted_at`; 0 makes a fresh one. `image` is the digest of the picture that goes with it;
    `trace` is the W3C `traceparent` of the request it came with, where that is traced.
    """

    account: str
    upstream: str
    channel: str
    recipient: str
    body: bytes
    priority: Priority = "normal"
    idempotency_key: str = ""
    accepted_at: float
    send_at: float = 0
    expire_at: float = 0
    tags: dict[str, str] = {}
    time_zone: str = ""
    notify: bool = False
    fallback: tuple[Fallback, ...] = ()
    image: bytes = b""
    trace: str = ""
    id_number: int = 0


class Push(Struct, frozen=True, kw_only=True):
    """A push as its job record holds it, read by the pushers."""

    id: str
    account: str
    upstream: str
    channel: str
    recipient: str
    body: bytes
    priority: Priority
    accepted_at: float
    send_at: float
    expire_at: float
    tags: dict[str, str]
    time_zone: str = ""
    fallback: tuple[Fallback, ...] = ()
    image: bytes = b""
    trace: str = ""

    @property
    def template_id(self) -> str:
        """The template that the body names, or nothing. Looked for only where something is amiss with a template."""
        found = None if self.channel == WEBHOOK else _TEMPLATE_ID.search(self.body)
        return found[1].decode() if found else ""


class Accepted(Struct, frozen=True, gc=False):
    """What became of one appended push; `repeated` if this very request had been carried out before."""

    id: str
    status: Literal["queued", "scheduled", "duplicate"]
    repeated: bool = False


class Claim(Struct, frozen=True, kw_only=True):
    """A push taken by this process.

    `number` is the fence: settling with an older number changes nothing. `attempts` counts the sends settled so far.
    `until` is on this process's monotonic clock (`trio.current_time()`), measured from before the claim was asked
    for, so it never outlasts the store's own.
    """

    push: Push
    number: int
    attempts: int
    until: float


class Ended(Struct, frozen=True):
    """A push that ended where a script came upon it: its state is final."""

    push: Push
    state: State


class PushStatus(Struct, frozen=True, kw_only=True):
    """What `GET /v1/pushes/{id}` shows. Times are seconds since the epoch, 0 where it has not happened.

    `history` has the first attempt and the latest fifteen, the oldest first.
    """

    push: Push
    state: State
    attempts: int
    msgid: str
    error: str
    due_at: float
    sent_at: float
    finished_at: float
    history: tuple[Attempt, ...] = ()
    detail: bytes = b""
