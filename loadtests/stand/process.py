"""A process of the test stand: started, awaited until it is ready, ended, and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import trio

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60.0
STOP_SECONDS = 20.0


class StandError(Exception):
    """A process did not start; says which and the last it wrote."""


class StandProcess:
    """One program; `ready` waits for the running process and says where it is to be reached."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        ready: Callable[[trio.Process], Awaitable[str]],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._ready = ready
        self._environ = dict(environ or {})
        self._process: trio.Process | None = None

    @property
    def pid(self) -> int:
        """The latest process's; it may have ended."""
        return self._process.pid if self._process else 0

    async def start(self) -> str:
        """Start it and wait; where it is to be reached.

        Raises:
            StandError: it ended, or was not ready in time.
        """
        with self.log.open("ab") as log:
            process = self._process = await trio.lowlevel.open_process(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | self._environ | _importable(),
            )
        address = ""
        with trio.move_on_after(READY_SECONDS):
            address = await self._ready(process)
        if not address:
            raise StandError(f"{self.name} did not get ready: {self._last_words()}")
        return address

    async def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send the signal and wait, at most `STOP_SECONDS`, then kill; the seconds it took to end."""
        process = self._process
        if process is None:
            return 0.0
        began = time.monotonic()
        with trio.CancelScope(shield=True):
            if process.poll() is None:
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)  # a stopped process does not end before it goes on
            with trio.move_on_after(STOP_SECONDS):
                await process.wait()
            if process.poll() is None:
                process.kill()
                await process.wait()
            if process.stdout is not None:
                await process.stdout.aclose()
        return time.monotonic() - began

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-500:].strip()


async def ready_line(process: trio.Process) -> str:
    """What follows `ready: ` on the process's stdout; empty if it ends without that."""
    assert process.stdout is not None  # noqa: S101 – it is a pipe, as asked for above
    received = b""
    async for some in process.stdout:
        received += some
        if b"\n" in received:
            break
    return received.decode().partition("ready: ")[2].strip()


def _importable() -> dict[str, str]:
    """Lets a program find our packages from wherever it runs, installed or not."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))}
