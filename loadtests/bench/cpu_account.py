"""What a process has used of the processor: user and system time, as the kernel accounts it (Linux)."""

import os
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12  # of the fields after the command's name, proc(5)


def parse_stat(text: str) -> int:
    """User and system ticks of all threads, out of `/proc/PID/stat`. The name may hold blanks and brackets."""
    fields = text[text.rindex(")") + 1 :].split()
    return int(fields[_UTIME]) + int(fields[_STIME])


def cpu_seconds(pid: int) -> float:
    """Of a process and its living children; the kernel's step is 10 ms."""
    folder = _PROC / str(pid)
    children = (folder / "task" / str(pid) / "children").read_text().split()
    own = parse_stat((folder / "stat").read_text()) / _TICKS
    return own + sum(cpu_seconds(int(child)) for child in children)
