"""What the generators keep of a run, for the audit: one row for each callback and for each push, by identity."""

from collections.abc import Iterable
from pathlib import Path
from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from loadtests.platform.callbacks import CallbackFields


class SpikeRow(CallbackFields, frozen=True, gc=False, kw_only=True):
    """One distinct callback of a spike.

    `answers` has one word a delivery, spontaneous repeats included: an HTTP status, `timeout`, `refused`, `lost` or
    `invalid`.
    `acked`: one of them stopped the platform from asking again. `latency` is that answer's, in seconds, 0 without one.
    `began` and `ended` are when its first delivery began and when that answer came (without one: when it was given up),
    in seconds since the spike began; both 0 where that is not known.
    """

    acked: bool
    answers: tuple[str, ...]
    latency: float
    began: float = 0
    ended: float = 0


Poison = Literal["", "refused", "unanswered"]
"""What becomes of a push each time it is sent, whatever the platform's health."""


class CampaignRow(Struct, frozen=True, gc=False, kw_only=True):
    """One push of a campaign.

    `status` is the item's own (`queued`, `scheduled`, `duplicate`, `rejected`), or `unanswered` where the batch never
    got a 202: such a push may or may not have been accepted, and the audit leaves it out. `batch` is the request it was
    in, whose rows follow one another in the ledger as in the request; `began` and `ended` are when that was first sent
    and when it was answered or given up, in seconds since the campaign began; all 0 where that is not known.
    `poison` is what it was marked for.
    """

    key: str
    id: str
    status: Literal["queued", "scheduled", "duplicate", "rejected", "unanswered"]
    recipient: str
    priority: str
    error: str = ""
    batch: int = 0
    began: float = 0
    ended: float = 0
    poison: Poison = ""

    @property
    def acked(self) -> bool:
        return self.status in {"queued", "scheduled", "duplicate"}


Row = TypeVar("Row", SpikeRow, CampaignRow)


class Ledger(Struct, Generic[Row], frozen=True):
    """A generator's rows in the order in which they ended, and how long all of it took in seconds.

    `began` is when, by the clock of the trio run it was part of.
    """

    rows: list[Row]
    seconds: float
    began: float = 0

    @property
    def acked(self) -> int:
        return sum(row.acked for row in self.rows)


class SpikeLedger(Ledger[SpikeRow], frozen=True):
    """A spike's."""

    @property
    def slowest(self) -> float:
        """The slowest answer that counted, in seconds."""
        return max((row.latency for row in self.rows), default=0)


class CampaignLedger(Ledger[CampaignRow], frozen=True):
    """A campaign's; `seconds` is how long enqueuing took."""


def write_rows(path: Path, rows: Iterable[Struct]) -> None:
    """Write rows as JSON lines."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(rows))


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Read what `write_rows` wrote. Raises msgspec.MsgspecError if the file is something else."""
    return msgspec.json.Decoder(kind).decode_lines(path.read_bytes())
