"""Lets the processes of one machine be scraped as one, by files in a directory that they share.

How it works: prometheus_client keeps every value in a file of its process. Its own file names carry the pid, so a
process that is often restarted leaves a file behind each time; ours carry a *slot* (`gateway-0`), which only one
process holds at a time and which the next one takes over, and the counters go on where they stood. No two processes
that run at the same time may have the same slot.
"""

import os
from pathlib import Path

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

from monitoring.cells import OwnCell, SlotCells

_DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def take_slot(directory: Path, slot: str) -> None:
    """Keep this process's metrics in `directory` under `slot`.

    Must come before `monitoring.names` is imported: each metric chooses where its value lives when it is made.

    Raises:
        ValueError: `slot` would break the file names that prometheus_client takes apart.
    """
    if "_" in slot or "/" in slot:
        raise ValueError(f"a slot's name has no _ and no /: {slot}")
    os.environ[_DIRECTORY_VARIABLE] = str(directory)
    values.ValueClass = SlotCells(directory, slot)


def keep_own() -> None:
    """Keep this process's metrics in itself, to be scraped there. Like `take_slot`, before the names are imported."""
    values.ValueClass = OwnCell


def release_slot(directory: Path, slot: str) -> None:
    """Forget the gauges that died with the process in `slot`; its counters stay."""
    mark_process_dead(slot, str(directory))  # type: ignore[no-untyped-call]


def empty_slots(directory: Path) -> None:
    """Begin anew: make the directory, and remove the files of an earlier run."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in directory.glob("*.db"):
        file.unlink()
