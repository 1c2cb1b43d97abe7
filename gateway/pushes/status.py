"""A push as `GET /v1/pushes/{id}` shows it."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from queues.push import Priority, PushStatus, State

_WAITS_FOR_A_TIME = frozenset[State](("scheduled", "retrying", "parked"))
WAITING = frozenset[State](("queued", *_WAITS_FOR_A_TIME))


class AttemptView(Struct, frozen=True, kw_only=True):
    """One try. `errcode` is null where the platform's answer had none; `rid` is what its support asks for."""

    at: datetime | None
    verdict: str
    errcode: int | None
    rid: str
    error: str


class PushView(Struct, frozen=True, kw_only=True):
    """The JSON of a push. Times are RFC 3339 in UTC, null where it has not happened.

    `due_at` is when a push that waits goes on, as far as that is known.

    `msgid` is text: it exceeds 2^53, and a reader in JavaScript would lose its last digits. The recipient is not shown.
    `detail` is what else the platform told: the counts of a mass message, whom a WeCom message did not reach.
    """

    id: str
    account: str
    channel: str
    priority: Priority
    state: State
    attempts: int
    msgid: str
    error: str
    accepted_at: datetime | None
    send_at: datetime | None
    expire_at: datetime | None
    due_at: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    tags: dict[str, str]
    upstream: str
    history: list[AttemptView]
    detail: Annotated[Raw | None, Meta(extra_json_schema={"type": ["object", "null"]})]


def push_view(status: PushStatus, rests_until: float = 0) -> PushView:
    """What is shown of a push whose account, API or template rests until then (0: none of them does)."""
    push = status.push
    due_at = status.due_at or push.send_at if status.state in _WAITS_FOR_A_TIME else 0
    return PushView(
        id=push.id,
        account=push.account,
        channel=push.channel,
        priority=push.priority,
        state=status.state,
        attempts=status.attempts,
        msgid=status.msgid,
        error=status.error,
        accepted_at=_time(push.accepted_at),
        send_at=_time(push.send_at),
        expire_at=_time(push.expire_at),
        due_at=_time(max(due_at, rests_until)),
        sent_at=_time(status.sent_at),
        finished_at=_time(status.finished_at),
        tags=push.tags,
        upstream=push.upstream,
        history=[
            AttemptView(
                at=_time(attempt.at),
                verdict=attempt.verdict,
                errcode=attempt.errcode,
                rid=attempt.rid,
                error=attempt.error,
            )
            for attempt in status.history
        ],
        detail=Raw(status.detail) if status.detail else None,
    )


def _time(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
