"""What happened on the platform's side, for the audit: every send and every callback, by identity.

How it works: rows are kept in pages, the newest `rows` of each kind, so that memory has a bound and a page is read
without walking the others. A file, where one is given, has them all up to its own bound.
"""

from collections import Counter, deque
from pathlib import Path
from typing import BinaryIO, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from loadtests.platform.callbacks import CallbackFields

PAGE_ROWS = 10_000

Final = Literal["acked", "dropped", "muted", "no_url", "overflow"]


class SendRow(Struct, frozen=True, gc=False, kw_only=True):
    """One accepted send. `at` is seconds since the epoch, `app_id` the account's name.

    `repeat`: it was accepted before (client_msg_id, clientmsgid, duplicate check), so nothing new was sent and `msgid`
    is the first one's. `answered` is false where the answer was withheld on purpose. `dropped`: the platform said ok
    and delivered nothing (WeCom's limits for one member). `media` are the ids of the temporary media it shows. A mass
    job is one row without an openid; a WeCom send is a row for each person, all with the same `msgid`.
    """

    at: float
    app_id: str
    openid: str
    client_msg_id: str
    msgid: int
    repeat: bool = False
    answered: bool = True
    channel: str = "template"
    dropped: bool = False
    media: tuple[str, ...] = ()


class RefusedRow(Struct, frozen=True, gc=False, kw_only=True):
    """One send that was not accepted. `at` is seconds since the epoch.

    `answer` is the errcode or the fault. Rates are promised for every send, also for those in vain.
    """

    at: float
    app_id: str
    answer: str
    channel: str = "template"
    client_msg_id: str = ""


class CallbackRow(CallbackFields, frozen=True, gc=False, kw_only=True):
    """One callback and its deliveries; `status` is that of `Callback`, `app_id` is the account's name.

    `answers` says how each delivery ended: an HTTP status, `timeout`, `refused`, `lost` or `invalid` (200, wrong body).
    `final` is `acked`, `dropped` (all deliveries failed), `muted` (MarkFail), `no_url` or `overflow` (too many wait).
    """

    at: float
    status: str
    answers: tuple[str, ...]
    final: Final
    app_id: str = ""


Row = TypeVar("Row", SendRow, RefusedRow, CallbackRow)
_encoder = msgspec.json.Encoder()


class Pages(Generic[Row]):
    """The newest rows, at least `rows` less one page, in pages of 10,000."""

    def __init__(self, rows: int) -> None:
        self._keep = max(1, rows // PAGE_ROWS)
        self._pages: deque[list[Row]] = deque([[]])
        self.first_page = 0
        self.total = 0

    def add(self, row: Row) -> None:
        page = self._pages[-1]
        if len(page) == PAGE_ROWS:
            page = []
            self._pages.append(page)
            if len(self._pages) > self._keep:
                self._pages.popleft()
                self.first_page += 1
        page.append(row)
        self.total += 1

    def page(self, number: int) -> list[Row]:
        """One page; empty if it has not begun or is no longer kept."""
        index = number - self.first_page
        return self._pages[index] if 0 <= index < len(self._pages) else []

    def newest(self, count: int) -> list[Row]:
        """At most `count` of the newest rows, and no more than a page of them; the newest comes first."""
        return self._pages[-1][: -count - 1 : -1] or (
            self._pages[-2][: -count - 1 : -1] if len(self._pages) > 1 else []
        )

    @property
    def forgotten(self) -> int:
        """Rows that are no longer held."""
        return self.first_page * PAGE_ROWS


class LedgerFile:
    """Rows as JSON lines, `{"kind": …, "row": {…}}`, until `max_bytes` are written."""

    def __init__(self, path: str, max_bytes: int) -> None:
        self._file: BinaryIO = Path(path).open("wb", buffering=1 << 20)  # noqa: SIM115 - closed by `close`
        self._left = max_bytes
        self.full = False

    def write(self, kind: str, row: Struct) -> None:
        line = _encoder.encode({"kind": kind, "row": row}) + b"\n"
        if self.full or len(line) > self._left:
            self.full = True
            return
        self._left -= len(line)
        self._file.write(line)

    def close(self) -> None:
        self._file.close()


class Ledger:
    """Sends, callbacks and refusals of all accounts."""

    def __init__(self, rows: int, file: LedgerFile | None = None) -> None:
        self.sends: Pages[SendRow] = Pages(rows)
        self.refusals: Pages[RefusedRow] = Pages(rows)
        self.callbacks: Pages[CallbackRow] = Pages(rows)
        self.counts: Counter[str] = Counter()
        self._file = file

    def sent(self, row: SendRow) -> None:
        self.sends.add(row)
        self.counts["repeats" if row.repeat else "dropped" if row.dropped else "accepted"] += 1
        if self._file is not None:
            self._file.write("send", row)

    def refused(self, errcode: int) -> None:
        self.counts[f"errcode {errcode}"] += 1

    def turned_away(self, row: RefusedRow) -> None:
        self.refusals.add(row)
        if self._file is not None:
            self._file.write("refusal", row)

    def called_back(self, row: CallbackRow) -> None:
        self.callbacks.add(row)
        self.counts[f"callbacks {row.final}"] += 1
        self.counts["deliveries"] += len(row.answers)
        if self._file is not None:
            self._file.write("callback", row)

    def newest(self, kind: str, count: int) -> bytes:
        """The newest rows as JSON lines, the newest first. Raises ValueError for an unknown kind."""
        return _encoder.encode_lines(self._of(kind).newest(count))

    def page(self, kind: str, number: int) -> bytes:
        """One page as JSON lines. Raises ValueError for an unknown kind."""
        return _encoder.encode_lines(self._of(kind).page(number))

    def _of(self, kind: str) -> Pages[SendRow] | Pages[RefusedRow] | Pages[CallbackRow]:
        if kind == "sends":
            return self.sends
        if kind == "refusals":
            return self.refusals
        if kind == "callbacks":
            return self.callbacks
        raise ValueError("kind is sends, refusals or callbacks")
