"""A Valkey of a benchmark's own, on a Unix socket, next to the load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from redis import Redis

from loadtests.bench.programs import program
from loadtests.stand.store import Fsync, answers, server_command, store_socket


class StoreProcess(Struct, frozen=True):
    """A running store; `client` is for the benchmark's own few questions."""

    pid: int
    socket: Path
    client: Any

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"


@contextmanager
def store_process(folder: Path, name: str, fsync: Fsync, core: int) -> Iterator[StoreProcess]:
    """Run a store until the end of the block; `fsync` as in `server_command`."""
    data = folder / name
    data.mkdir()
    command = server_command(data, fsync=fsync)
    with program(name, command, core=core, folder=folder) as started:
        client = Redis(unix_socket_path=str(store_socket(data)))
        started.until(lambda: answers(client))
        try:
            yield StoreProcess(started.pid, store_socket(data), client)
        finally:
            client.close()
