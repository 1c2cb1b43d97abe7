"""What systemd hears, on a real socket of its kind."""

import math
import os
import re
import signal
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from runtime.notifier import Notifier
from tests.runtime.serving import running, write_configuration


class Manager:
    """Hears what was said, in order."""

    def __init__(self, address: str, words: trio.MemoryReceiveChannel[list[str]]) -> None:
        self.address = address
        self._words = words

    async def heard(self) -> list[str]:
        return await self._words.receive()

    async def heard_of(self, word: str) -> list[str]:
        """The next datagram with this word in it."""
        while word not in (lines := await self.heard()):
            pass
        return lines


@asynccontextmanager
async def listening(address: str) -> AsyncIterator[Manager]:
    """Reads all the time, as systemd does: the kernel keeps a few datagrams only."""
    send, receive = trio.open_memory_channel[list[str]](math.inf)

    async def read() -> None:
        while True:
            send.send_nowait((await heard.recv(4096)).decode().split("\n"))

    with trio.socket.from_stdlib_socket(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        await heard.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            yield Manager(address, receive)
            nursery.cancel_scope.cancel()


@pytest.fixture
def place() -> Iterator[str]:
    """A short path: a socket's may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        yield f"{folder}/notify"


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, place: str) -> str:
    return place if request.param == "path" else f"@tidegate-test-{os.getpid()}"


async def test_each_change_is_one_datagram(address: str) -> None:
    async with listening(address) as manager:
        notifier = Notifier({"NOTIFY_SOCKET": address})
        notifier.ready("serving http://127.0.0.1:8080")
        assert await manager.heard() == ["READY=1", "STATUS=serving http://127.0.0.1:8080"]
        notifier.reloading()
        reloading, since, _ = await manager.heard()
        assert reloading == "RELOADING=1"
        assert re.fullmatch(r"MONOTONIC_USEC=\d+", since)
        notifier.stopping()
        assert await manager.heard() == ["STOPPING=1", "STATUS=draining"]


async def test_the_watchdog_hears_three_beats_in_its_time(autojump_clock, monkeypatch: pytest.MonkeyPatch) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": "/nobody", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())})
    beats: list[float] = []
    monkeypatch.setattr(notifier, "_say", lambda _word, patience: beats.append(trio.current_time()))
    with trio.move_on_after(29):
        await notifier.watch()
    assert beats == pytest.approx([0, 10, 20])


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}],
    ids=["none", "another's", "nonsense"],
)
async def test_without_a_watchdog_of_ours_nothing_beats(environ: dict[str, str]) -> None:
    assert Notifier(environ).watchdog_seconds == 0
    await Notifier(environ).watch()


def test_children_do_not_inherit_our_words() -> None:
    environ = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "PATH": "/bin"}
    Notifier(environ)
    assert environ == {"PATH": "/bin"}


def test_a_manager_that_is_slow_misses_beats_and_no_word(place: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(place)
        notifier = Notifier({"NOTIFY_SOCKET": place})
        for _ in range(2000):  # more than the kernel keeps
            notifier._say("WATCHDOG=1", patience=0)
        words: list[bytes] = []

        def read() -> None:
            while not words or b"STOPPING=1" not in words[-1]:
                words.append(heard.recv(4096))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        notifier.stopping()
        reader.join(20)
    assert words[0] == b"WATCHDOG=1"
    assert words[-1].startswith(b"STOPPING=1")
    assert len(words) < 2000


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    Notifier({}).ready("serving")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("serving")


@pytest.mark.e2e
async def test_serve_says_ready_reloading_and_stopping(tmp_path: Path, place: str) -> None:
    write_configuration(tmp_path)
    async with listening(place) as manager:
        environ = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "300000"}
        async with running("serve", tmp_path, **environ) as serving:
            await serving.ready()
            host, port = serving.address
            assert await manager.heard_of("READY=1") == ["READY=1", f"STATUS=serving http://{host}:{port}"]
            assert await manager.heard_of("WATCHDOG=1")
            await serving.logged("a worker is ready", slot="pusher-0")
            serving.process.send_signal(signal.SIGHUP)
            assert await manager.heard_of("RELOADING=1")
            assert await manager.heard_of("READY=1")
            serving.process.send_signal(signal.SIGTERM)
            assert await manager.heard_of("STOPPING=1")
            assert await serving.ended() == 0


@pytest.mark.e2e
async def test_a_gateway_by_itself_says_so_too(tmp_path: Path, place: str, store_url: str) -> None:
    file = write_configuration(tmp_path)
    environ = {"TIDEGATE_STORE__URL": store_url, "NOTIFY_SOCKET": place}
    async with (
        listening(environ["NOTIFY_SOCKET"]) as manager,
        running(f"gateway --config {file}", tmp_path, **environ) as serving,
    ):
        await serving.ready()
        host, port = serving.address
        assert await manager.heard() == ["READY=1", f"STATUS=gateway at http://{host}:{port}"]
        serving.process.send_signal(signal.SIGTERM)
        assert await manager.heard() == ["STOPPING=1", "STATUS=draining"]
