"""strace on a running process: to see what it does with its files, and to do it slower."""

import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

_ATTACH_SECONDS = 5.0


@asynccontextmanager
async def tracing(pid: int, output: Path, arguments: Sequence[str]) -> AsyncIterator[None]:
    """Trace the process with all its threads until the end of the block; `output` gets strace's lines."""
    command = ["strace", "-f", "-p", str(pid), "-o", str(output), *arguments]
    process = await trio.lowlevel.open_process(command, stderr=subprocess.PIPE)
    assert process.stderr is not None  # noqa: S101 – it is a pipe, as asked for above
    try:
        with trio.move_on_after(_ATTACH_SECONDS):
            await process.stderr.receive_some()  # it says so once it is attached, or that it may not
        yield
    finally:
        with trio.CancelScope(shield=True):
            if process.poll() is None:
                process.terminate()  # it lets go of the process
            await process.wait()
            await process.stderr.aclose()
