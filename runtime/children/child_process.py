"""One child process: started, awaited, stopped.

trio's own `open_process` forks in a worker thread, and the death signal (see `death_signal`) follows the thread that
forks; hence this one, which forks in the caller's.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import trio

from runtime.children.polling import until


class ChildProcess:
    """A running or ended child in a process group of its own: Ctrl-C is for `serve`, which stops children in order."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
        inherit: Sequence[int] = (),
        quiet: bool = False,
        before_exec: Callable[[], None] | None = None,
    ) -> None:
        """Start it; `inherit` are the descriptors it gets beside stderr, which `quiet` takes away as well."""
        stderr = subprocess.DEVNULL if quiet else 2
        self._process = subprocess.Popen(  # noqa: S603  the commands are ours
            list(command),
            env=None if environ is None else dict(environ),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=stderr,  # stdout is for the one `ready` line
            stderr=stderr,
            pass_fds=tuple(inherit),
            umask=0o077,
            process_group=0,
            preexec_fn=before_exec,  # noqa: PLW1509  see `die_with_parent`, the only one there is
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status once it has ended; negative for the signal that ended it."""
        return self._process.poll()

    async def wait(self) -> int:
        """Wait until it has ended; its exit status."""
        if self._process.poll() is None and hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(self.pid)
            try:
                await trio.lowlevel.wait_readable(descriptor)
            finally:
                os.close(descriptor)
        await until(lambda: self._process.poll() is not None)
        return self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; an ended child gets none."""
        self._process.send_signal(number)

    async def stop(self, grace_seconds: float) -> int:
        """Ask it to end, wait, and after `grace_seconds` make it end; its exit status."""
        with trio.CancelScope(shield=True):
            self.send(signal.SIGTERM)
            with trio.move_on_after(grace_seconds):
                await self.wait()
            if self.status is None:
                self.send(signal.SIGKILL)
            await self.wait()
        return self._process.wait()
