"""The ledgers of a run's processes: each writes files of its own into one folder, and the runner reads them all.

A row is written when its callback or push has ended, so a process that dies keeps what it knew but for the last second.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from loadtests.ledgers import CampaignRow, Row, SpikeRow

_SPIKE = "spike"
_CAMPAIGN = "campaign"


class LedgerWriter:
    """One process's two files; nothing is kept if `folder` is None."""

    def __init__(self, folder: Path | None) -> None:
        """Raises OSError if the folder cannot be made or written to."""
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._encoder = msgspec.json.Encoder()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def callback(self, row: SpikeRow) -> None:
        self._write(_SPIKE, row)

    def push(self, row: CampaignRow) -> None:
        self._write(_CAMPAIGN, row)

    def flush(self) -> None:
        for file in self._files.values():
            file.flush()

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _write(self, kind: str, row: SpikeRow | CampaignRow) -> None:
        if self._folder is None:
            return
        file = self._files.get(kind)
        if file is None:
            # Host and pid: the folder may be shared by workers on several machines.
            file = (self._folder / f"{kind}-{socket.gethostname()}-{os.getpid()}.jsonl").open("ab")
            self._files[kind] = file
        file.write(self._encoder.encode(row) + b"\n")


def read_spike(folder: Path) -> list[SpikeRow]:
    """The callbacks of all processes. Raises msgspec.MsgspecError if a file is something else."""
    return list(_read(folder, _SPIKE, SpikeRow))


def read_campaign(folder: Path) -> list[CampaignRow]:
    """The pushes of all processes. Raises msgspec.MsgspecError if a file is something else."""
    return list(_read(folder, _CAMPAIGN, CampaignRow))


def _read(folder: Path, kind: str, row: type[Row]) -> Iterator[Row]:
    decoder = msgspec.json.Decoder(row)
    for file in sorted(folder.glob(f"{kind}-*.jsonl")):
        # A process that was killed may have left half a line: it ends without a line feed.
        whole = file.read_bytes()
        yield from decoder.decode_lines(whole[: whole.rfind(b"\n") + 1])
