"""Ends the store server that a killed `serve` left behind; the caller holds the directory's lock.

A server is ours only if it listens on our private socket, or if its working directory is our data directory: a pid
file alone proves nothing, since the kernel gives numbers out again.
"""

import os
import signal
from pathlib import Path

import structlog
import trio

from runtime.children.polling import until
from runtime.embedded.data_directory import DataDirectory
from runtime.embedded.probe import ask
from runtime.errors import CommandError

log = structlog.get_logger()

_GRACE_SECONDS = 10.0


async def end_orphan(directory: DataDirectory) -> None:
    """Return once no server of an earlier `serve` runs on the directory.

    Raises:
        CommandError: One runs and does not end.
    """
    pid = _server_in(directory)
    if pid is None:
        await ask(directory.socket, b"SHUTDOWN")  # on systems without /proc; elsewhere nothing listens there now
        directory.socket.unlink(missing_ok=True)
        return
    log.warning("ending the store that an earlier serve left behind", store_pid=pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        _send(pid, number)
        with trio.move_on_after(_GRACE_SECONDS):
            await until(lambda: _server_in(directory) != pid)
            directory.socket.unlink(missing_ok=True)
            return
    raise CommandError(f"store.data_dir: the store with pid {pid} still runs on {directory.path} and does not end")


def _server_in(directory: DataDirectory) -> int | None:
    """The pid in the pid file, if that process is alive and works in the directory (the server changes into it)."""
    try:
        pid = int(directory.pid_file.read_text())
        process = Path("/proc") / str(pid)
        in_it = (process / "cwd").samefile(directory.path)
        name = (process / "comm").read_text().strip()
        ended = (process / "stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (OSError, ValueError, IndexError):
        return None
    return pid if in_it and name.startswith(("valkey", "redis")) and not ended else None


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
