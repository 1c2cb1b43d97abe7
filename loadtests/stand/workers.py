"""Finds the worker processes of a `serve` that we started, by their slot names (`gateway-0`, `pusher-1`, …)."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")


def workers(serve_pid: int) -> Mapping[str, int]:
    """The pids of the workers by slot, children of that `serve`, those that are still starting too; Linux only."""
    try:
        children = (_PROC / str(serve_pid) / "task" / str(serve_pid) / "children").read_text().split()
    except OSError:
        return {}
    slots = {_slot(pid): int(pid) for pid in children}
    return {slot: pid for slot, pid in slots.items() if slot.startswith(("gateway-", "pusher-"))}


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if the process was gone already, or never was."""
    if not pid:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def resident_megabytes(pid: int) -> float:
    """VmRSS; 0 for a process that has gone."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


def _slot(pid: str) -> str:
    """A worker's last argument; empty for a process that is no worker or has gone."""
    try:
        return (_PROC / pid / "cmdline").read_bytes().rstrip(b"\0").rpartition(b"\0")[2].decode()
    except OSError:
        return ""
