"""Webhooks: `POST` to the receiver that the account names in `[accounts.webhook]`, signed as Standard Webhooks has it.

For every try the `webhook-id` is the push's id and the body the same, so a receiver that keeps the ids of a day drops
repeats. What it answers is read by its status alone: any 2xx takes the push, 429, 5xx and silence ask for a repeat, and
anything else refuses it. Redirections are not followed, since the address is the operator's to say.
"""

from datetime import UTC, datetime

from msgspec.json import Encoder

from pushers.channels.channel import Channel, put_first
from pushers.verdict import Verdict, unanswered
from queues.push import WEBHOOK as API
from queues.push import Push

_encode = Encoder().encode
_OK_STATUSES = range(200, 300)
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500


def _body(push: Push) -> bytes:
    whose = b'"id":%b,"account":%b,"to":%b' % (_encode(push.id), _encode(push.account), _encode(push.recipient))
    accepted = _encode(datetime.fromtimestamp(push.accepted_at, UTC))
    return b'{"type":"push","timestamp":%b,"data":%b}' % (accepted, put_first(whose, push.body))


def _judge(status: int, _body: bytes) -> Verdict:
    if status in _OK_STATUSES:
        return Verdict(kind="sent", errcode=0)
    if status >= _SERVER_ERRORS:
        return unanswered(f"HTTP {status}")
    return Verdict(kind="retry" if status == _TOO_MANY_REQUESTS else "dead", errcode=status, error=f"HTTP {status}")


WEBHOOK = Channel(
    api=API,
    kind="webhook",
    path=lambda _push: "",
    body=_body,
    judge=_judge,
    receipt=False,
    repeat_safe_seconds=86_400.0,
)
