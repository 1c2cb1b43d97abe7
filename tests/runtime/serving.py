"""A real `serve` to test with: started, read, and ended with everything it started."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

ROOT = Path(__file__).parent.parent.parent
CONFIGURATION = """
[server]
bind = "127.0.0.1:0"
drain_seconds = 2.0
{server}
[metrics]
bind = "127.0.0.1:0"
[store]
data_dir = "data"
{store}
[[accounts]]
name = "traffic"
app_id = "wx0123456789abcdef"
app_secret = "hush-hush"
token = "callback9"
api_base = "http://127.0.0.1:9"
[[upstreams]]
name = "violations"
key = "upstream-key-1"
"""


def write_configuration(directory: Path, *, server: str = "", store: str = "") -> Path:
    file = directory / "tidegate.toml"
    file.write_text(CONFIGURATION.format(server=server, store=store), "utf-8")
    return file


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once a look at the outside shows it; the test's own time bounds the wait."""
    while not await condition():  # noqa: ASYNC110  nobody sets an event
        await trio.sleep(0.01)


class Serving:
    """A running command: its log lines as they come, and what it says on stdout."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self.address = ("", 0)
        self._log = b""
        self._said = b""

    async def ready(self) -> None:
        assert self.process.stdout is not None
        while not self._said.endswith(b"\n"):
            received = await self.process.stdout.receive_some()
            assert received, "ended before it was ready"
            self._said += received
        words, _, url = self._said.decode().strip().partition(" ")
        assert words == "ready:"
        host, _, port = url.partition("://")[2].rpartition(":")
        self.address = (host, int(port))

    async def logged(self, event: str, **fields: Any) -> dict[str, Any]:
        """The first line from now on that has this event and these fields."""
        while True:
            line = await self._line()
            if line.get("event") == event and fields.items() <= line.items():
                return line

    async def ever_logged(self, event: str) -> dict[str, Any]:
        """The first line of all that has this event."""
        return next((line for line in self.lines if line.get("event") == event), None) or await self.logged(event)

    async def ended(self) -> int:
        """Its exit status; everything it still said is kept."""
        assert self.process.stdout is not None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._read_rest)
            async for received in self.process.stdout:
                self._said += received
        return await self.process.wait()

    @property
    def said(self) -> str:
        return self._said.decode()

    async def get(self, target: str, address: tuple[str, int] | None = None) -> tuple[int, str]:
        stream = await trio.open_tcp_stream(*(address or self.address))
        async with stream:
            await stream.send_all(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join([chunk async for chunk in stream]).decode()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split()[1]), body

    async def _line(self) -> dict[str, Any]:
        assert self.process.stderr is not None
        while b"\n" not in self._log:
            received = await self.process.stderr.receive_some()
            assert received, f"the log ended: {self.lines}"
            self._log += received
        text, _, self._log = self._log.partition(b"\n")
        try:
            line = json.loads(text)
        except ValueError:
            line = {"event": text.decode()}
        self.lines.append(line)
        return line

    async def _read_rest(self) -> None:
        assert self.process.stderr is not None
        async for received in self.process.stderr:
            self._log += received
        for text in self._log.decode().splitlines():
            self.lines.append(json.loads(text) if text.startswith("{") else {"event": text})


@asynccontextmanager
async def running(command: str, directory: Path, *, seconds: float = 240, **environ: str) -> AsyncIterator[Serving]:
    """`python run.py COMMAND` in `directory`, ended at the end of the block in any case."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TIDEGATE_")}
    with trio.fail_after(seconds):
        process = await trio.lowlevel.open_process(
            [sys.executable, str(ROOT / "run.py"), *command.split()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env=inherited | environ,
        )
        serving = Serving(process)
        try:
            yield serving
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with trio.CancelScope(shield=True), trio.move_on_after(60):
                    await serving.ended()
            if process.poll() is None:
                process.kill()
            assert process.stdout is not None
            assert process.stderr is not None
            await process.stdout.aclose()
            await process.stderr.aclose()
