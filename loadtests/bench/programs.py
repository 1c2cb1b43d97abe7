"""Starts programs on a core of their own, and stops all of them at the end of the block."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 20.0
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.002
_ROOT = Path(__file__).parent.parent.parent
RUN = _ROOT / "run.py"


class ProgramError(Exception):
    """A program did not start or ended early; says which, and the last it wrote."""


def cores() -> tuple[int, int]:
    """The core for what is measured, and the one for everything else. Raises ProgramError if there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) == 1:
        raise ProgramError("two cores are needed: one for what is measured, one for the load and the store")
    return usable[0], usable[1]


class Program:
    """A running program; what it says goes to `log`, but for its stdout where that is a pipe."""

    def __init__(self, name: str, process: "subprocess.Popen[str]", log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self, seconds: float = READY_SECONDS) -> str:
        """The next line of its stdout. Raises ProgramError if it ended instead, or the time is up."""
        assert self.process.stdout is not None  # noqa: S101 – a pipe, as `program` asks for
        # Lines come one at a time, each after something we did, so none waits unseen in the buffer.
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise self.failed("said nothing in time")
        line = self.process.stdout.readline()
        if not line:
            raise self.failed("ended without a word")
        return line.strip()

    def say(self, line: str) -> None:
        assert self.process.stdin is not None  # noqa: S101 – a pipe, as `program` asks for
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until(self, ready: Callable[[], bool], look_seconds: float = _LOOK_SECONDS) -> None:
        """Wait for it to be ready. Raises ProgramError if it ends first, or the time is up."""
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if self.process.poll() is not None:
                raise self.failed(f"ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise self.failed("did not get ready")
            time.sleep(look_seconds)

    def failed(self, what: str) -> ProgramError:
        return ProgramError(f"{self.name} {what}: {self.log.read_text(errors='replace')[-500:].strip()}")


@contextmanager
def program(
    name: str,
    command: Sequence[object],
    *,
    core: int | None,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Run a command, pinned to a core if one is named; SIGTERM at the end, SIGKILL if that does not help."""
    log = folder / f"{name}.log"
    with (
        log.open("ab") as stderr,
        subprocess.Popen(  # noqa: S603 – our own commands
            [str(word) for word in command],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, **(environment or {})},
            # The child's threads inherit it. The benchmark has one thread, so this is safe between fork and exec.
            preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 – see above
        ) as process,
    ):
        try:
            yield Program(name, process, log)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def end_on_sigterm() -> None:
    """Let SIGTERM leave every block as an error would, so that what was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
