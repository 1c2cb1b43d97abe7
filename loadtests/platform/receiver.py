"""A receiver of webhooks, such as a city's own SMS gateway: it verifies what comes, and keeps the ids it took.

Written by the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` and the body, joined by dots, are
signed by HMAC-SHA256 with what the secret holds in base64 behind `whsec_`; a timestamp may be five minutes off.
"""

import hmac
from base64 import b64decode, b64encode

import msgspec
from msgspec import Struct

from loadtests.platform.http_server import Reply, Request
from loadtests.platform.ledger import Ledger, RefusedRow, SendRow
from loadtests.platform.template import Numberer, RepeatGuard

PATH = b"/webhook"
API = "webhook"
_TOLERANCE_SECONDS = 300
_TAKEN, _BAD, _FORGED, _NOT_ALLOWED = 204, 400, 401, 405


class _Data(Struct, frozen=True):
    to: str
    message: dict[str, object]


class _Webhook(Struct, frozen=True):
    """What of a webhook the ledger is about; the rest is between the upstream and its receiver."""

    data: _Data


_decode = msgspec.json.Decoder(_Webhook).decode


class Receiver:
    """Takes webhooks signed with `secret`. `now` is in seconds since the epoch."""

    def __init__(self, secret: str, ledger: Ledger, rows: int, now: float) -> None:
        self._key = b64decode(secret.removeprefix("whsec_"))
        self._ledger = ledger
        self._taken = RepeatGuard(rows)
        self._numberer = Numberer(now)

    def answer(self, request: Request, now: float, *, answered: bool) -> Reply:
        """Judge one request; `answered` is false if its answer will be lost."""
        if request.method != b"POST":
            return self.refuse(request, _NOT_ALLOWED, now)
        if not self._is_signed(request, now):
            return self.refuse(request, _FORGED, now)
        try:
            data = _decode(request.body).data
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self.refuse(request, _BAD, now)
        message_id = request.webhook[b"webhook-id"].decode()
        earlier = self._taken.earlier(data.to, message_id, now)
        number = earlier or self._numberer.next()
        if not earlier:
            self._taken.remember(data.to, message_id, number, now)
        self._ledger.sent(
            SendRow(
                at=now,
                app_id=API,
                openid=data.to,
                client_msg_id=message_id,
                msgid=number,
                repeat=bool(earlier),
                answered=answered,
                channel=API,
            )
        )
        return Reply(status=_TAKEN)

    def refuse(self, request: Request, status: int, now: float) -> Reply:
        message_id = request.webhook.get(b"webhook-id", b"").decode(errors="replace")
        self._ledger.turned_away(
            RefusedRow(at=now, app_id=API, answer=str(status), channel=API, client_msg_id=message_id)
        )
        return Reply(status=status)

    def _is_signed(self, request: Request, now: float) -> bool:
        fields = [request.webhook.get(name, b"") for name in (b"webhook-id", b"webhook-timestamp")]
        if not fields[1].isdigit() or abs(now - int(fields[1])) > _TOLERANCE_SECONDS:
            return False
        digest = b64encode(hmac.digest(self._key, b".".join((*fields, request.body)), "sha256"))
        return b"v1," + digest in request.webhook.get(b"webhook-signature", b"").split(b" ")
