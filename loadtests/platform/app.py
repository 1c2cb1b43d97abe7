"""The platform's HTTP interface: which path is which call, and in which order a call is checked.

A core without IO: plain functions of a request and the injected clocks; what is to happen later (a receipt) goes to
`emit`.
"""

import random
from collections.abc import Callable

import msgspec

from loadtests.options import SimulatorOptions
from loadtests.platform import answers
from loadtests.platform.callbacks import Callback, receipt
from loadtests.platform.faults import Faults, Kind
from loadtests.platform.http_server import Reply, Request
from loadtests.platform.ledger import Ledger, RefusedRow, SendRow
from loadtests.platform.query import parameter, parameters
from loadtests.platform.quotas import Quotas
from loadtests.platform.recipients import Recipients
from loadtests.platform.template import Numberer, Refusal, RepeatGuard, TemplateMessage, read_message
from loadtests.platform.tokens import Issued, TokenDesk

TEMPLATE_SEND = b"/cgi-bin/message/template/send"


class _StableTokenRequest(msgspec.Struct, frozen=True):
    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


class Platform:
    """One account's side of the API. `emit(delay, callback)` is called for every receipt, `delay` in seconds."""

    def __init__(
        self,
        options: SimulatorOptions,
        ledger: Ledger,
        *,
        emit: Callable[[float, Callback], None],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """Raises ValueError for fault rates that make no sense."""
        # Named by the time, so that a restarted simulator does not know the tokens of the one before.
        name = f"{int(wall() * 1000):x}"
        self.tokens = TokenDesk(options.app_id, options.app_secret, options.token_seconds, name)
        self.quotas = Quotas(options.per_day, options.per_minute, options.concurrency_cap)
        self.recipients = Recipients(options.unsubscribed_share, options.seed)
        self.faults = Faults(
            options.faults, latency=options.latency_ms / 1000, jitter=options.jitter, seed=options.seed
        )
        self._options = options
        self._ledger = ledger
        self._emit = emit
        self._wall = wall
        self._monotonic = monotonic
        self._random = random.Random(options.seed)
        self._repeats = RepeatGuard(options.ledger_rows)
        self._numberer = Numberer(wall())
        self._rids = answers.rids()
        self._routes: dict[bytes, Callable[[Request], Reply]] = {
            TEMPLATE_SEND: self._template_send,
            b"/cgi-bin/stable_token": self._stable_token,
            b"/cgi-bin/token": self._classic_token,
        }

    def handle(self, request: Request) -> Reply:
        """Answer one call, through the faults that are set."""
        route = self._routes.get(request.path)
        if route is None:
            return Reply(status=404, body=b"<html>404 Not Found</html>", content_type=b"text/html")
        return route(request)

    def _template_send(self, request: Request) -> Reply:
        delay = self.faults.latency()
        fault = self.faults.meet()
        now = self._wall()
        if fault.kind in {"http_500", "garbage", "no_answer"}:
            self._ledger.turned_away(RefusedRow(at=now, app_id=self._options.app_id, answer=fault.kind))
            return _broken(delay, fault.kind)
        errcode = (
            fault.errcode
            or (43002 if request.method != b"POST" else 0)
            or self.tokens.check(parameter(request.query, b"access_token"), now)
            or self.quotas.enter(now, self._monotonic(), delay)
        )
        message = Refusal(errcode) if errcode else read_message(request.body, self._options.templates)
        if isinstance(message, TemplateMessage) and not self.recipients.follows(message.touser):
            message = Refusal(43004)
        if isinstance(message, Refusal):
            self._ledger.turned_away(RefusedRow(at=now, app_id=self._options.app_id, answer=str(message.errcode)))
            return self._refuse(message, delay)
        body = self._accept(message, now, answered=fault.kind != "lost_answer")
        return Reply(body=body, delay=delay, how="close" if fault.kind == "lost_answer" else "answer")

    def _accept(self, message: TemplateMessage, now: float, *, answered: bool) -> bytes:
        openid = message.touser
        client_id = "" if message.client_msg_id is None else str(message.client_msg_id)
        earlier = self._repeats.earlier(openid, client_id, now) if client_id else 0
        msgid = earlier or self._numberer.next()
        self._ledger.sent(
            SendRow(
                at=now,
                app_id=self._options.app_id,
                openid=openid,
                client_msg_id=client_id,
                msgid=msgid,
                repeat=bool(earlier),
                answered=answered,
            )
        )
        if earlier:
            errcode = self._options.repeat_errcode
            return answers.error(errcode, next(self._rids)) if errcode else answers.sent(msgid)
        if client_id:
            self._repeats.remember(openid, client_id, msgid, now)
        delay = self._options.receipt_delay
        self._emit(delay, receipt(self._options.original_id, openid, int(now + delay), msgid, self._fate()))
        return answers.sent(msgid)

    def _fate(self) -> str:
        """The Status of a receipt, one of the exact strings of §1.7."""
        blocked = self._options.user_block_share
        failed = blocked + self._options.system_failed_share
        if not failed:
            return "success"
        draw = self._random.random()
        if draw < blocked:
            return "failed:user block"
        return "failed: system failed" if draw < failed else "success"

    def _stable_token(self, request: Request) -> Reply:
        if request.method != b"POST":
            return self._refuse(Refusal(43002), 0)
        try:
            asked = msgspec.json.decode(request.body, type=_StableTokenRequest)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._refuse(Refusal(47001), 0)
        errcode = self.tokens.check_credentials(asked.grant_type, asked.appid, asked.secret)
        return self._hand_out(errcode or self.tokens.stable(self._wall(), force=asked.force_refresh))

    def _classic_token(self, request: Request) -> Reply:
        asked = parameters(request.query)
        errcode = self.tokens.check_credentials(
            asked.get("grant_type", ""), asked.get("appid", ""), asked.get("secret", "")
        )
        return self._hand_out(errcode or self.tokens.classic(self._wall()))

    def _hand_out(self, issued: Issued | int) -> Reply:
        delay = self.faults.latency()
        fault = self.faults.meet()
        if fault.kind in {"http_500", "garbage", "no_answer"}:
            return _broken(delay, fault.kind)
        if isinstance(issued, int):
            return self._refuse(Refusal(issued), delay)
        self._ledger.counts["tokens"] += 1
        return Reply(
            body=answers.token(issued.token, issued.expires_in),
            delay=delay,
            how="close" if fault.kind == "lost_answer" else "answer",
        )

    def _refuse(self, refusal: Refusal, delay: float) -> Reply:
        self._ledger.refused(refusal.errcode)
        return Reply(body=answers.error(refusal.errcode, next(self._rids), refusal.detail), delay=delay)


def _broken(delay: float, kind: Kind) -> Reply:
    if kind == "no_answer":
        return Reply(how="silence")
    if kind == "garbage":
        return Reply(body=b"<html>200 It works!</html>", content_type=b"text/html", delay=delay)
    return Reply(status=500, body=b"<html>500 Internal Server Error</html>", content_type=b"text/html", delay=delay)
