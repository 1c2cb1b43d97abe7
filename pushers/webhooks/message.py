"""What a webhook says: the push as `GET /v1/pushes/{id}` knows it, in the state in which it ended; does no I/O."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from queues.push import PushStatus
from queues.pushes.webhooks import Hook


class PushEnded(Struct, frozen=True, kw_only=True):
    """The push. Times are RFC 3339 in UTC. The recipient is not in it: the upstream knows its push by the id."""

    id: str
    account: str
    channel: str
    state: str
    attempts: int
    msgid: str
    error: str
    accepted_at: datetime
    finished_at: datetime
    tags: dict[str, str]


class WebhookBody(Struct, frozen=True, kw_only=True):
    """As Standard Webhooks recommends: what happened, when, and to what."""

    type: str
    timestamp: datetime
    data: PushEnded


def message_id(hook: Hook) -> str:
    """The same for every try of one webhook, so that its receiver can drop repeats."""
    return f"{hook.push_id}.{hook.state}.{hook.ended_ms}"


def encode_message(hook: Hook, status: PushStatus) -> bytes:
    """The body; the same bytes for every try, unless the push was replayed meanwhile."""
    push = status.push
    ended = datetime.fromtimestamp(hook.ended_ms / 1000, UTC)
    return msgspec.json.encode(
        WebhookBody(
            type=f"push.{hook.state}",
            timestamp=ended,
            data=PushEnded(
                id=push.id,
                account=push.account,
                channel=push.channel,
                state=hook.state,
                attempts=status.attempts,
                msgid=status.msgid,
                error=status.error,
                accepted_at=datetime.fromtimestamp(push.accepted_at, UTC),
                finished_at=ended,
                tags=push.tags,
            ),
        )
    )
