"""The platform's front door: whose call it is, which call, and in which order it is checked.

How it works: an access token begins with the name of the desk that issued it, so it tells the account; where there is
none, the appid or corpid does. The account's table of routes says what answers the path. Then in this order: outage,
fault, method, token, quotas, and the call itself. Webhooks have a receiver of their own behind the same door. A core
without IO: plain functions of a request and injected clocks.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from loadtests.platform.call import Call, Served, bind
from loadtests.platform.callbacks import Callback
from loadtests.platform.faults import Faults
from loadtests.platform.http_server import Reply, Request
from loadtests.platform.latency import Latency, LatencyRules
from loadtests.platform.ledger import Ledger, RefusedRow
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.routes import OFFICIAL_ROUTES
from loadtests.platform.options import SimulatorOptions
from loadtests.platform.outage import Outage
from loadtests.platform.query import parameter, parameters
from loadtests.platform.receiver import API as WEBHOOK
from loadtests.platform.receiver import PATH as WEBHOOK_PATH
from loadtests.platform.receiver import Receiver
from loadtests.platform.refusal import RefusedError, pass_or_refuse
from loadtests.platform.wecom.account import WecomAccount
from loadtests.platform.wecom.routes import WECOM_ROUTES

_HTTP_ERRORS = range(400, 600)
_CLIENT_MSG_ID = re.compile(rb'"client_?msg_?id"\s*:\s*"([!-~]{1,64}?)"')
_NOT_FOUND = Reply(status=404, body=b"<html>404 Not Found</html>", content_type=b"text/html")
_FAULTS = {
    "http_500": Reply(status=500, body=b"<html>500 Internal Server Error</html>", content_type=b"text/html"),
    "garbage": Reply(body=b"<html>200 It works!</html>", content_type=b"text/html"),
    "no_answer": Reply(how="silence"),
}


Account = OfficialAccount | WecomAccount


class Platform:
    """All accounts' side of the API. `emit(account, delay, callback)` is called for every receipt; seconds."""

    def __init__(
        self,
        options: SimulatorOptions,
        ledger: Ledger,
        *,
        emit: Callable[[str, float, Callback], None],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """Raises ValueError for options that make no sense."""
        self.faults = Faults(options.faults, options.fault_rules, seed=options.seed)
        self.latency = Latency(latency_rules(options), options.seed)
        self.outage = Outage()
        self._options = options
        self._ledger = ledger
        self._wall = wall
        self._monotonic = monotonic
        self._began = monotonic()
        self.accounts = _accounts(options, ledger, emit, wall())
        secret = options.webhook_secret
        self._receiver = Receiver(secret, ledger, options.ledger_rows, wall()) if secret else None
        self._desks: dict[str, Account] = {each.tokens.name: each for each in self.accounts.values()}

    def seconds(self) -> float:
        """Seconds since it began, which is what the times of fault rules count."""
        return self._monotonic() - self._began

    def account(self, name: str) -> Account:
        """An account by its name; empty is the first. Raises ValueError for one that does not exist."""
        account = self.accounts.get(name) if name else next(iter(self.accounts.values()))
        if account is None:
            raise ValueError(f"account: no {name!r}; there are {', '.join(self.accounts)}")
        return account

    def recover(self) -> None:
        """End the outage, set faults and latency as at the start, and begin all quotas again."""
        self.outage.end()
        self.faults.set_rates(self._options.faults, self._options.fault_rules)
        self.latency.set_rules(latency_rules(self._options))
        for account in self.accounts.values():
            account.recover()

    def handle(self, request: Request) -> Reply:
        """Answer one call, through the faults that are set."""
        monotonic = self._monotonic()
        down = self.outage.reply(monotonic)
        if down is not None:
            return down
        if self._receiver is not None and request.path == WEBHOOK_PATH:
            return self._take_webhook(self._receiver, request)
        token = parameter(request.query, b"access_token")
        account = self._desks.get(token.partition("_")[0]) or self._claimed(request)
        served = account.routes.get(request.path) if account else None
        if account is None or served is None:
            return _NOT_FOUND
        delay = self.latency.draw()
        fault = self.faults.meet(served.api, account.name, monotonic - self._began, request.body)
        now = request.arrived or self._wall()
        if fault.kind in _FAULTS:
            self._turned_away(served, account, request, now, fault.kind)
            return structs.replace(_FAULTS[fault.kind], delay=delay)
        errcode = (
            fault.errcode
            or _method_fault(served.method, request.method)
            or (account.tokens.check(token, now) if served.token else 0)
            or served.limits.enter(now, monotonic, delay)
        )
        lost = fault.kind == "lost_answer"
        try:
            pass_or_refuse(errcode)
            answer = served.answer(Call(request, now, not lost))
        except RefusedError as refusal:
            self._ledger.refused(refusal.errcode)
            self._turned_away(served, account, request, now, str(refusal.errcode))
            answer = account.error(refusal, request.path, now)
        if isinstance(answer, Reply):
            return structs.replace(answer, delay=delay, how="close" if lost else answer.how)
        return Reply(body=answer, delay=delay, how="close" if lost else "answer")

    def _take_webhook(self, receiver: Receiver, request: Request) -> Reply:
        delay, now = self.latency.draw(), request.arrived or self._wall()
        fault = self.faults.meet(WEBHOOK, WEBHOOK, self.seconds(), request.body)
        lost = fault.kind == "lost_answer"
        if fault.kind == "none" or lost:
            answer = receiver.answer(request, now, answered=not lost)
            return structs.replace(answer, delay=delay, how="close" if lost else "answer")
        status = fault.errcode if fault.errcode in _HTTP_ERRORS else 500
        answer = receiver.refuse(request, status, now)
        return structs.replace(answer, delay=delay, how="silence" if fault.kind == "no_answer" else "answer")

    def _turned_away(self, served: Served, account: Account, request: Request, now: float, answer: str) -> None:
        """A send that was not accepted is a row of the ledger, too."""
        if not served.sends:
            return
        found = _CLIENT_MSG_ID.search(request.body)
        self._ledger.turned_away(
            RefusedRow(
                at=now,
                app_id=account.name,
                answer=answer,
                channel=served.api,
                client_msg_id=found[1].decode() if found else "",
            )
        )

    def _claimed(self, request: Request) -> Account | None:
        """The account that a call without one of our tokens names, else the first that has such a call."""
        named = parameters(request.query)
        if request.body.startswith(b"{") and not named:
            try:
                named = msgspec.json.decode(request.body, type=dict[str, object])
            except (msgspec.MsgspecError, UnicodeDecodeError):
                named = {}
        able = [each for each in self.accounts.values() if request.path in each.routes]
        owner, secret = named.get("appid") or named.get("corpid"), named.get("corpsecret")
        owned = [each for each in able if each.facts.app_id == owner]
        exact = [each for each in owned if each.facts.app_secret == secret]
        return next(iter((*exact, *owned, *able)), None)


def latency_rules(options: SimulatorOptions) -> LatencyRules:
    """What the options say of latency, in seconds."""
    return LatencyRules(
        typical=options.latency_ms / 1000,
        shape=options.latency_shape,
        jitter=options.jitter,
        slow_share=options.slow_share,
        slow=options.slow_ms / 1000,
    )


def _accounts(
    options: SimulatorOptions, ledger: Ledger, emit: Callable[[str, float, Callback], None], now: float
) -> Mapping[str, Account]:
    every = options.every_account()
    secrets = {facts.app_secret for facts in every if facts.kind == "wecom"}
    accounts: dict[str, Account] = {}
    for index, facts in enumerate(every):
        # Named by the time, so that a restarted simulator does not know the tokens of the one before.
        desk = f"{int(now * 1000):x}{f'-{index}' if index else ''}"
        if facts.kind == "wecom":
            wecom = WecomAccount(facts, options, ledger, desk=desk, now=now, secrets=secrets)
            wecom.routes = bind(WECOM_ROUTES, wecom, wecom.limits)
            accounts[facts.name] = wecom
        else:
            official = OfficialAccount(facts, options, ledger, _emitter(emit, facts.name), desk=desk, now=now)
            official.routes = bind(OFFICIAL_ROUTES, official, official.quotas.of)
            accounts[facts.name] = official
        accounts[facts.name].callback_host = urlsplit(facts.callback_url).hostname or ""
    return accounts


def _emitter(emit: Callable[[str, float, Callback], None], name: str) -> Callable[[float, Callback], None]:
    return lambda delay, callback: emit(name, delay, callback)


def _method_fault(wanted: bytes, method: bytes) -> int:
    if wanted in {b"", method}:
        return 0
    return 43002 if wanted == b"POST" else 43001
