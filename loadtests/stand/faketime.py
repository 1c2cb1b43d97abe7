"""libfaketime: another wall clock for `serve` and all it starts, which is moved by writing a file."""

import os
from collections.abc import Mapping
from pathlib import Path

_PLACES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
)


def find_libfaketime() -> str:
    """The library to load; LIBFAKETIME names one elsewhere. Empty if there is none."""
    return next(
        (place for place in (os.environ.get("LIBFAKETIME", ""), *_PLACES) if place and Path(place).exists()), ""
    )


def set_clock(file: Path, seconds: int) -> None:
    """Let the clock be so many seconds ahead, or behind."""
    file.write_text(f"{seconds:+d}\n")


def faked_clock(file: Path) -> Mapping[str, str]:
    """The environment that has a program go by the clock of that file, which is right at first; empty without one."""
    library = find_libfaketime()
    if not library:
        return {}
    set_clock(file, 0)
    return {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a wall clock moves, durations do not
    }
