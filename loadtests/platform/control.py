r"""The simulator's own interface under `/_sim/`: what happened, and trouble at the press of a button.

| path | does |
| --- | --- |
| `GET /_sim/summary` | counts, what is pending, which ledger pages are held |
| `GET /_sim/ledger?kind=sends\|refusals\|callbacks&page=N` | one page of rows, JSON lines; empty after the last |
| `POST /_sim/tokens/invalidate` | kills all tokens; `{"errcode": 40001}` is what calls with them get |
| `POST /_sim/faults` | `{"rates": {"-1": 0.1}, "latency_ms": 50, "jitter": 0}` replaces what is set |
| `POST /_sim/limits` | `{"per_day": 0, "per_minute": 0}` replaces the limits |
| `POST /_sim/callback` | `{"event": "subscribe", "openid": "o…", "key": ""}` or `{"text": "hello", "openid": "o…"}` |
| `POST /_sim/callback_url` | `{"url": "http://…"}` where callbacks go from now on; empty: nowhere |
"""

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from loadtests.http_client import parse_target
from loadtests.platform import callbacks
from loadtests.platform.app import Platform
from loadtests.platform.delivery import Deliverer
from loadtests.platform.http_server import Reply, Request
from loadtests.platform.ledger import Ledger
from loadtests.platform.query import parameter

PREFIX = b"/_sim/"
_JSON = b"application/json"


class _Invalidate(Struct, frozen=True, forbid_unknown_fields=True):
    errcode: int = 40001


class _Faults(Struct, frozen=True, forbid_unknown_fields=True):
    rates: dict[str, float] = {}
    latency_ms: float = 0
    jitter: float = 0


class _Limits(Struct, frozen=True, forbid_unknown_fields=True):
    per_day: int = 0
    per_minute: int = 0


class _Fire(Struct, frozen=True, forbid_unknown_fields=True):
    openid: str
    event: str = ""
    key: str = ""
    text: str = ""


class _CallbackUrl(Struct, frozen=True, forbid_unknown_fields=True):
    url: str


class Control:
    """Answers everything under `/_sim/`."""

    def __init__(
        self, platform: Platform, deliverer: Deliverer, ledger: Ledger, original_id: str, *, wall: Callable[[], float]
    ) -> None:
        self._platform = platform
        self._deliverer = deliverer
        self._ledger = ledger
        self._original_id = original_id
        self._wall = wall
        self._msgids = itertools.count(int(wall() * 1000) << 14)
        self.receipts_due = 0
        self._routes: dict[tuple[bytes, bytes], Callable[[Request], object]] = {
            (b"GET", b"summary"): self._summary,
            (b"POST", b"tokens/invalidate"): self._invalidate,
            (b"POST", b"faults"): self._set_faults,
            (b"POST", b"limits"): self._set_limits,
            (b"POST", b"callback"): self._fire,
            (b"POST", b"callback_url"): self._set_callback_url,
        }

    def handle(self, request: Request) -> Reply:
        """Answer a request whose path begins with `/_sim/`; 400 says what is wrong with it."""
        name = request.path.removeprefix(PREFIX)
        try:
            if name == b"ledger":
                page = self._ledger.page(parameter(request.query, b"kind"), int(parameter(request.query, b"page") or 0))
                return Reply(body=page, content_type=b"application/x-ndjson")
            route = self._routes.get((request.method, name))
            if route is None:
                return Reply(status=404, body=b'{"error":"no such control"}', content_type=_JSON)
            return Reply(body=msgspec.json.encode(route(request)), content_type=_JSON)
        except (ValueError, msgspec.MsgspecError) as error:
            return Reply(status=400, body=msgspec.json.encode({"error": str(error)}), content_type=_JSON)

    def _summary(self, _request: Request) -> dict[str, Any]:
        ledger = self._ledger
        return {
            "counts": dict(ledger.counts),
            "receipts_due": self.receipts_due,
            "callbacks_pending": self._deliverer.pending,
            "times_muted": self._deliverer.mark_fail.times_muted,
            "spent_today": self._platform.quotas.day.spent,
            "ledger": {
                kind: {"rows": pages.total, "forgotten": pages.forgotten, "first_page": pages.first_page}
                for kind, pages in (
                    ("sends", ledger.sends),
                    ("refusals", ledger.refusals),
                    ("callbacks", ledger.callbacks),
                )
            },
        }

    def _invalidate(self, request: Request) -> dict[str, int]:
        asked = msgspec.json.decode(request.body or b"{}", type=_Invalidate)
        return {"invalidated": self._platform.tokens.invalidate(asked.errcode)}

    def _set_faults(self, request: Request) -> _Faults:
        asked = msgspec.json.decode(request.body, type=_Faults)
        self._platform.faults.set_rates(asked.rates)
        self._platform.faults.set_latency(asked.latency_ms / 1000, asked.jitter)
        return asked

    def _set_limits(self, request: Request) -> _Limits:
        asked = msgspec.json.decode(request.body, type=_Limits)
        self._platform.quotas.day.limit = asked.per_day
        self._platform.quotas.minute.limit = asked.per_minute
        return asked

    def _fire(self, request: Request) -> dict[str, str]:
        asked = msgspec.json.decode(request.body, type=_Fire)
        if bool(asked.event) == bool(asked.text):
            raise ValueError("give either an event or a text")
        now = int(self._wall())
        if asked.text:
            fired = callbacks.text(self._original_id, asked.openid, now, next(self._msgids), asked.text)
        else:
            fired = callbacks.event(self._original_id, asked.openid, now, asked.event, key=asked.key)
            if asked.event in {"subscribe", "unsubscribe"}:
                self._platform.recipients.set_follows(asked.openid, asked.event == "subscribe")
        self._deliverer.offer(fired)
        return {"type": fired.type, "msgid": fired.msgid}

    def _set_callback_url(self, request: Request) -> dict[str, str]:
        url = msgspec.json.decode(request.body, type=_CallbackUrl).url
        self._deliverer.target = parse_target(url) if url else None
        return {"url": url}
