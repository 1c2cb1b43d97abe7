"""Fetches the simulator's ledger over HTTP, page by page."""

from http.client import HTTPException
from typing import TypeVar

import msgspec
from msgspec import Struct

from loadtests.audit.pushes import PlatformView
from loadtests.fetcher import fetch
from loadtests.platform.ledger import CallbackRow, RefusedRow, SendRow

_SECONDS = 30.0
_OK = 200

Row = TypeVar("Row", SendRow, RefusedRow, CallbackRow)


class _Pages(Struct, frozen=True):
    rows: int
    forgotten: int
    first_page: int


class _Ledgers(Struct, frozen=True):
    sends: _Pages
    refusals: _Pages
    callbacks: _Pages

    @property
    def complete(self) -> bool:
        return not (self.sends.forgotten or self.refusals.forgotten or self.callbacks.forgotten)


class PlatformSummary(Struct, frozen=True):
    """Counts by name, what of the day's quota is spent, and how many receipts and callbacks are still on their way."""

    counts: dict[str, int]
    ledger: _Ledgers
    receipts_due: int
    callbacks_pending: int
    spent_today: int = 0

    @property
    def pending(self) -> int:
        return self.receipts_due + self.callbacks_pending


class PlatformUnreachableError(Exception):
    """The simulator did not answer as one."""


class PlatformReader:
    """One simulator at `http://HOST:PORT`. Everything raises PlatformUnreachableError on trouble."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def view(self) -> PlatformView:
        """The whole ledger, as far as the simulator still has it."""
        ledger = self.summary().ledger
        return PlatformView(
            sends=self._rows("sends", ledger.sends, SendRow),
            refusals=self._rows("refusals", ledger.refusals, RefusedRow),
            callbacks=self._rows("callbacks", ledger.callbacks, CallbackRow),
            complete=ledger.complete,
        )

    def summary(self) -> PlatformSummary:
        """What happened so far, in numbers."""
        try:
            return msgspec.json.decode(self._get("/_sim/summary"), type=PlatformSummary)
        except msgspec.MsgspecError as error:
            raise PlatformUnreachableError(f"{self._url} is not a simulator") from error

    def _rows(self, kind: str, pages: _Pages, row: type[Row]) -> list[Row]:
        decoder = msgspec.json.Decoder(row)
        rows: list[Row] = []
        page = pages.first_page
        while some := self._get(f"/_sim/ledger?kind={kind}&page={page}"):
            rows.extend(decoder.decode_lines(some))
            page += 1
        return rows

    def _get(self, path: str) -> bytes:
        try:
            answer = fetch(f"{self._url}{path}", seconds=_SECONDS)
        except (OSError, HTTPException) as error:
            raise PlatformUnreachableError(f"{self._url} does not answer") from error
        if answer.status != _OK:
            raise PlatformUnreachableError(f"{self._url}{path} answered {answer.status}")
        return answer.body
