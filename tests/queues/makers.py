"""Short ways to make the records these tests are about."""

from hashlib import blake2b

from queues.attempt import Attempt
from queues.event import CallbackEvent
from queues.outcome import Outcome, OutcomeKind, Suppress
from queues.push import Claim, NewPush, Priority, Push

ACCOUNT = "city"
FEED = "city:template"
NOW = 1_714_112_445.0


def event(
    number: int = 0,
    *,
    account: str = ACCOUNT,
    recipient: str = "",
    name: str = "subscribe",
    body: bytes = b"<xml/>",
    created: int = int(NOW),
    **fields: str,
) -> CallbackEvent:
    return CallbackEvent(
        account=account,
        recipient=recipient or f"oUSER{number}",
        type="event" if name else "text",
        name=name,
        created=created,
        key=fields.get("key", ""),
        msgid=fields.get("msgid", ""),
        status=fields.get("status", ""),
        identity=blake2b(f"{account} {recipient} {name} {number}".encode(), digest_size=16).digest(),
        body=body,
        received=NOW,
    )


def push(
    recipient: str = "oUSER0",
    *,
    account: str = ACCOUNT,
    upstream: str = "violations",
    channel: str = "template",
    priority: Priority = "normal",
    key: str = "",
    send_at: float = 0,
    expire_at: float = 0,
    template: str = "T",
    notify: bool = False,
) -> NewPush:
    return NewPush(
        account=account,
        upstream=upstream,
        channel=channel,
        recipient=recipient,
        body=b'{"template_id":"%b","data":{}}' % template.encode(),
        priority=priority,
        idempotency_key=key,
        accepted_at=NOW,
        send_at=send_at,
        expire_at=expire_at,
        notify=notify,
    )


def outcome(
    claim: Claim,
    kind: OutcomeKind,
    *,
    msgid: str = "",
    delay: float = 0,
    error: str = "",
    suppress: Suppress = "",
    template: str = "",
    attempt: Attempt | None = None,
    safe_seconds: float | None = None,
    next_push: Push | None = None,
    repeat_safe: bool = False,
    receipt_follows: bool = True,
) -> Outcome:
    return Outcome(
        claim=claim,
        kind=kind,
        msgid=msgid,
        delay_seconds=delay,
        error=error,
        suppress=suppress,
        template=template,
        attempt=attempt,
        safe_seconds=safe_seconds,
        next_push=next_push,
        repeat_safe=repeat_safe,
        receipt_follows=receipt_follows,
    )
