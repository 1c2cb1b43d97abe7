"""Finds the worker processes of a `serve` that we started, by their slot names (`gateway-0`, `pusher-1`, …)."""

import os
import signal
from pathlib import Path

_PROC = Path("/proc")


def workers(serve_pid: int, role: str) -> list[int]:
    """The pids of a role's workers, children of that `serve`; Linux only."""
    children = (_PROC / str(serve_pid) / "task" / str(serve_pid) / "children").read_text().split()
    return [int(pid) for pid in children if _slot(pid).startswith(f"{role}-")]


def kill(pid: int) -> bool:
    """Kill with -9; False if it was gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _slot(pid: str) -> str:
    """A worker's last argument; empty for a process that is no worker or has gone."""
    try:
        return (_PROC / pid / "cmdline").read_bytes().rstrip(b"\0").rpartition(b"\0")[2].decode()
    except OSError:
        return ""
