"""What a process has used of the processor and the memory, as the kernel accounts it (Linux)."""

import os
from pathlib import Path

_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12  # of the fields after the command's name, proc(5)


def parse_stat(text: str) -> int:
    """User and system ticks of all threads, out of `/proc/PID/stat`. The name may hold blanks and brackets."""
    fields = text[text.rindex(")") + 1 :].split()
    return int(fields[_UTIME]) + int(fields[_STIME])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children; the kernel's step is 10 ms."""
    own = parse_stat((_PROC / str(pid) / "stat").read_text()) / _TICKS
    return own + sum(cpu_seconds(child) for child in _children(pid))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its living children."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * _PAGE_BYTES + sum(resident_bytes(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    return [int(child) for child in (_PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
