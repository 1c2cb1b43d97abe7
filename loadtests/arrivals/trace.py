"""A trace: a file that says when arrivals came.

One line is an offset in seconds from the start, or an offset and how many came at once: `0.25` or `0.25 3`. Offsets
never descend. Empty lines and what follows `#` are left out.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_LISTED: Final = 10
_FIELDS = (1, 2)


class TraceError(ValueError):
    """Some lines are no trace; names the first ten as `FILE:LINE: why`."""


def read_trace(path: Path) -> Iterator[float]:
    """The offsets of the arrivals, one each, in seconds.

    Raises TraceError before the first is given, OSError if the file cannot be read.
    """
    return parse_trace(path.read_text(encoding="utf-8", errors="replace").splitlines(), str(path))


def parse_trace(lines: Iterable[str], name: str) -> Iterator[float]:
    """The same from lines; `name` stands for the file in errors."""
    entries: list[tuple[float, int]] = []
    bad: list[str] = []
    last = 0.0
    for number, line in enumerate(lines, 1):
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        try:
            offset, count = _entry(fields, last)
        except ValueError as error:
            bad.append(f"{name}:{number}: {error}")
            continue
        last = offset
        entries.append((offset, count))
    if bad:
        more = [f"… and {len(bad) - _LISTED} more"] if len(bad) > _LISTED else []
        raise TraceError("\n".join([*bad[:_LISTED], *more]))
    if not entries:
        raise TraceError(f"{name}: no arrivals")
    return (offset for offset, count in entries for _ in range(count))


def _entry(fields: list[str], last: float) -> tuple[float, int]:
    if len(fields) not in _FIELDS:
        raise ValueError(f"{len(fields)} fields, not an offset and perhaps a count")
    try:
        offset = float(fields[0])
    except ValueError:
        raise ValueError(f"{fields[0][:40]!r} is not a number of seconds") from None
    if not math.isfinite(offset) or offset < 0:
        raise ValueError(f"offset {fields[0][:40]} is not a time from the start on")
    if offset < last:
        raise ValueError(f"offset {fields[0][:40]} comes before the one above it ({last:g})")
    count = fields[1] if len(fields) > 1 else "1"
    # isdigit alone would take the digits of other scripts and superscripts.
    if not (count.isascii() and count.isdigit() and int(count[:18]) > 0):
        raise ValueError(f"{count[:40]!r} is not a count of 1 or more")
    return offset, int(count[:18])
