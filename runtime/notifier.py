"""Tells systemd how we are: its notification protocol (sd_notify(3)), a datagram a change.

Without `NOTIFY_SOCKET` every word goes nowhere. A word that is lost changes nothing for us, so no error is raised.
"""

import os
import socket
import time
from collections.abc import MutableMapping

import trio

_BEATS_A_WATCHDOG = 3  # two may be lost
_PATIENCE_SECONDS = 1.0  # for a word that is said once, where the manager has yet to read those before it
_ABSTRACT = "@"


class Notifier:
    """Speaks to the service manager that started this process."""

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        """Take our variables out of `environ`: children are not the service, and systemd refuses their words."""
        address = environ.pop("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith(_ABSTRACT) else address
        watched, microseconds = environ.pop("WATCHDOG_PID", ""), environ.pop("WATCHDOG_USEC", "")
        ours = watched in {"", str(os.getpid())} and microseconds.isdecimal()
        self.watchdog_seconds = int(microseconds) / 1e6 if ours else 0.0

    def ready(self, status: str) -> None:
        """We serve, or serve again after `reloading`."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", "STATUS=reloading")

    def stopping(self) -> None:
        self._say("STOPPING=1", "STATUS=draining")

    async def watch(self) -> None:
        """Say until cancelled that our loop turns; return at once if nobody wants to hear it."""
        while self.watchdog_seconds:
            self._say("WATCHDOG=1", patience=0)
            await trio.sleep(self.watchdog_seconds / _BEATS_A_WATCHDOG)

    def _say(self, *lines: str, patience: float = _PATIENCE_SECONDS) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
            speaker.settimeout(patience)
            try:
                speaker.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                return
