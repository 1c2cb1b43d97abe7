"""A Valkey server of our own: started, watched and stopped with `serve`.

How it works: the server listens on a Unix socket in the data directory and nowhere else, and writes every append to
disk before it answers. If it dies it is started again at once, later with a growing delay; clients see refused
connections in between, and the append-only file brings back all that was acknowledged. A lock keeps a second `serve`
out; a server that outlived a killed `serve` is ended before ours starts on the same files.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import structlog
import trio

from queues.settings import StoreSettings
from runtime.children.backoff import Backoff
from runtime.children.child_process import ChildProcess
from runtime.children.death_signal import die_with_parent
from runtime.embedded.arguments import server_arguments
from runtime.embedded.binary import find_store_binary
from runtime.embedded.data_directory import DataDirectory
from runtime.embedded.orphan import end_orphan
from runtime.embedded.probe import probe
from runtime.errors import CommandError

log = structlog.get_logger()

# From its start to its first answer; loading counts as answering, however long the files take.
_SILENT_SECONDS = 10.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.005
_LOG_TAIL_BYTES = 4096


class EmbeddedStore:
    """The server on one data directory; `run` is its whole life."""

    def __init__(self, settings: StoreSettings) -> None:
        """Find the server's binary.

        Raises:
            ConfigurationError: There is none.
        """
        self.directory = DataDirectory(settings.data_dir)
        self.url = f"unix://{quote(str(self.directory.socket))}"
        self.server = find_store_binary()
        self._command = [str(self.server), *server_arguments(settings, self.directory)]

    async def run(self, *, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the server running until cancelled, then stop it; started with its URL once it serves.

        The caller holds the directory (`DataDirectory.held`).

        Raises:
            CommandError: It does not start the first time.
        """
        await end_orphan(self.directory)
        backoff = Backoff()
        async with self._server() as server:
            await self._until_serving(server)
            task_status.started(self.url)
            await server.wait()
        served = True
        while True:
            delay = backoff.after(lived=served)
            log.error("the store ended; starting it again", delay_seconds=delay, last_words=self._last_words())
            await trio.sleep(delay)
            async with self._server() as server:
                try:
                    await self._until_serving(server)
                    served = True
                except CommandError as error:
                    log.warning("the store does not start", reason=str(error))
                    served = False
                    continue
                log.info("the store serves again", store_pid=server.pid)
                await server.wait()

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[ChildProcess]:
        """One life of the server; stopped at the end of the block, however it is left."""
        self.directory.socket.unlink(missing_ok=True)
        server = ChildProcess(self._command, directory=self.directory.path, quiet=True, before_exec=die_with_parent())
        try:
            yield server
        finally:
            await server.stop(_STOP_SECONDS)

    async def _until_serving(self, server: ChildProcess) -> None:
        deadline = trio.current_time() + _SILENT_SECONDS
        while (answer := await probe(self.directory.socket)) != "serving":
            if server.status is not None:
                raise CommandError(f"the embedded store did not start: {self._last_words()}")
            if answer == "loading":
                deadline = trio.current_time() + _SILENT_SECONDS
            elif trio.current_time() > deadline:
                raise CommandError(f"the embedded store does not answer; see {self.directory.log_file}")
            await trio.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        """The last line of the server's log."""
        try:
            with self.directory.log_file.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - _LOG_TAIL_BYTES))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            lines = []
        return lines[-1].strip() if lines else f"see {self.directory.log_file}"
