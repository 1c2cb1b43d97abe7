"""The simulator's own interface under `/_sim/`: what happened, and trouble at the press of a button.

`docs/simulator.md` lists the controls; their bodies stand in `orders`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from loadtests.platform import orders
from loadtests.platform.app import Account, Platform
from loadtests.platform.caller import Caller
from loadtests.platform.http_server import Reply, Request
from loadtests.platform.latency import LatencyRules
from loadtests.platform.ledger import Ledger
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.options import check_url
from loadtests.platform.outbox import Outbox
from loadtests.platform.query import parameter

PREFIX = b"/_sim/"
_JSON = b"application/json"
_PAGE = Path(__file__).with_name("page.html").read_bytes()
_NEWEST = 20

O = TypeVar("O", bound=Struct)  # noqa: E741 - an order


class Control:
    """Answers everything under `/_sim/`."""

    def __init__(
        self,
        platform: Platform,
        outboxes: Mapping[str, Outbox],
        ledger: Ledger,
        *,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._platform = platform
        self._outboxes = outboxes
        self._ledger = ledger
        self._wall = wall
        self._monotonic = monotonic
        self._caller = Caller(platform, outboxes, wall)
        self.orders: dict[bytes, Callable[[bytes], object]] = {
            b"tokens/invalidate": _order(orders.Invalidate, self._invalidate),
            b"faults": _order(orders.SetFaults, self._set_faults),
            b"limits": _order(orders.SetLimits, self._set_limits),
            b"quota/exhaust": _order(orders.Exhaust, self._exhaust),
            b"callback": _order(orders.Fire, self._caller.fire),
            b"subscription": _order(orders.Prompt, self._caller.prompt),
            b"interaction": _order(orders.Interact, self._caller.interact),
            b"callback_url": _order(orders.CallbackUrl, self._set_callback_url),
            b"down": _order(orders.Down, self._go_down),
            b"recover": _order(orders.Recover, self._recover),
        }
        self.looks: dict[bytes, Callable[[Request], Reply]] = {
            b"": lambda _request: Reply(body=_PAGE, content_type=b"text/html; charset=utf-8"),
            b"summary": lambda _request: Reply(body=msgspec.json.encode(self._summary()), content_type=_JSON),
            b"ledger": self._page,
            b"newest": self._newest,
        }

    def handle(self, request: Request) -> Reply:
        """Answer a request whose path begins with `/_sim/`; 400 says what is wrong with it."""
        name = request.path.removeprefix(PREFIX)
        try:
            if request.method == b"GET" and name in self.looks:
                return self.looks[name](request)
            order = self.orders.get(name)
            if order is None or request.method != b"POST":
                return Reply(status=404, body=b'{"error":"no such control"}', content_type=_JSON)
            return Reply(body=msgspec.json.encode(order(request.body)), content_type=_JSON)
        except (ValueError, msgspec.MsgspecError) as error:
            return Reply(status=400, body=msgspec.json.encode({"error": str(error)}), content_type=_JSON)

    def _page(self, request: Request) -> Reply:
        page = self._ledger.page(parameter(request.query, b"kind"), int(parameter(request.query, b"page") or 0))
        return Reply(body=page, content_type=b"application/x-ndjson")

    def _newest(self, request: Request) -> Reply:
        count = int(parameter(request.query, b"count") or _NEWEST)
        rows = self._ledger.newest(parameter(request.query, b"kind"), count)
        return Reply(body=rows, content_type=b"application/x-ndjson")

    def _summary(self) -> dict[str, Any]:
        ledger, now = self._ledger, self._wall()
        outboxes = self._outboxes.values()
        official = [each for each in self._platform.accounts.values() if isinstance(each, OfficialAccount)]
        return {
            "counts": dict(ledger.counts),
            "receipts_due": sum(outbox.receipts_due for outbox in outboxes),
            "callbacks_pending": sum(outbox.deliverer.pending for outbox in outboxes),
            "times_muted": sum(outbox.deliverer.mark_fail.times_muted for outbox in outboxes),
            "spent_today": official[0].quotas.of("template").day.used(now) if official else 0,
            "down_seconds": self._platform.outage.remaining(self._monotonic()),
            "accounts": [
                {"name": name, "kind": account.facts.kind, "callback_host": account.callback_host}
                for name, account in self._platform.accounts.items()
            ],
            "ledger": {
                kind: {"rows": pages.total, "forgotten": pages.forgotten, "first_page": pages.first_page}
                for kind, pages in (
                    ("sends", ledger.sends),
                    ("refusals", ledger.refusals),
                    ("callbacks", ledger.callbacks),
                )
            },
        }

    def _account(self, name: str) -> Account:
        return self._platform.account(name)

    def _invalidate(self, order: orders.Invalidate) -> dict[str, int]:
        named = [self._account(order.account)] if order.account else self._platform.accounts.values()
        return {"invalidated": sum(each.tokens.invalidate(order.errcode) for each in named)}

    def _set_faults(self, order: orders.SetFaults) -> orders.SetFaults:
        self._platform.faults.set_rates(order.rates, order.rules, began=self._platform.seconds())
        self._platform.latency.set_rules(
            LatencyRules(
                typical=order.latency_ms / 1000,
                shape=order.latency_shape,
                jitter=order.jitter,
                slow_share=order.slow_share,
                slow=order.slow_ms / 1000,
            )
        )
        return order

    def _set_limits(self, order: orders.SetLimits) -> orders.SetLimits:
        account = self._account(order.account)
        if not isinstance(account, OfficialAccount) or order.api not in account.quotas.apis:
            raise ValueError(f"{account.name} has no quota of an API {order.api!r}")
        quotas = account.quotas.of(order.api)
        quotas.day.limit, quotas.minute.limit = order.per_day, order.per_minute
        return order

    def _exhaust(self, order: orders.Exhaust) -> dict[str, str]:
        account, now = self._account(order.account), self._wall()
        if isinstance(account, OfficialAccount):
            api = order.api or "template"
            if api not in account.quotas.apis:
                raise ValueError(f"{account.name} has no API {api!r}")
            account.quotas.of(api).day.exhaust(now)
        else:
            api = order.api or "wecom"
            account.exhaust(api, now)
        return {"account": account.name, "exhausted": api}

    def _set_callback_url(self, order: orders.CallbackUrl) -> dict[str, str]:
        if order.url:
            check_url("url", order.url)
        self._caller.point(self._account(order.account), order.url)
        return {"url": order.url}

    def _go_down(self, order: orders.Down) -> orders.Down:
        self._platform.outage.begin(order.how, self._monotonic(), order.seconds)
        return order

    def _recover(self, _order: orders.Recover) -> dict[str, bool]:
        self._platform.recover()
        return {"recovered": True}


def _order(kind: type[O], obey: Callable[[O], object]) -> Callable[[bytes], object]:
    """What reads the body of an order and obeys it; an empty body is an order with nothing said."""
    decoder = msgspec.json.Decoder(kind)
    return lambda body: obey(decoder.decode(body or b"{}"))
