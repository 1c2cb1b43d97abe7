"""What systemd hears, on a real socket of its kind."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
import trio

from runtime.notifier import Notifier
from tests.runtime.serving import running, write_configuration


class Manager:
    """Listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = trio.socket.from_stdlib_socket(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self._bound = f"\0{address[1:]}" if address.startswith("@") else address

    async def __aenter__(self) -> Self:
        await self._socket.bind(self._bound)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def heard(self) -> list[str]:
        with trio.fail_after(20):
            return (await self._socket.recv(4096)).decode().split("\n")

    async def heard_of(self, word: str) -> list[str]:
        """The next datagram with this word in it."""
        while word not in (lines := await self.heard()):
            pass
        return lines


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    return str(tmp_path / "notify") if request.param == "path" else f"@tidegate-test-{os.getpid()}"


async def test_each_change_is_one_datagram(address: str) -> None:
    async with Manager(address) as manager:
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
    monkeypatch.setattr(notifier, "_say", lambda _word: beats.append(trio.current_time()))
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


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    Notifier({}).ready("serving")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("serving")


@pytest.mark.e2e
async def test_serve_says_ready_reloading_and_stopping(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with Manager(str(tmp_path / "notify")) as manager:
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
async def test_a_gateway_by_itself_says_so_too(tmp_path: Path, store_url: str) -> None:
    file = write_configuration(tmp_path)
    environ = {"TIDEGATE_STORE__URL": store_url, "NOTIFY_SOCKET": str(tmp_path / "notify")}
    async with (
        Manager(environ["NOTIFY_SOCKET"]) as manager,
        running(f"gateway --config {file}", tmp_path, **environ) as serving,
    ):
        await serving.ready()
        host, port = serving.address
        assert await manager.heard() == ["READY=1", f"STATUS=gateway at http://{host}:{port}"]
        serving.process.send_signal(signal.SIGTERM)
        assert await manager.heard() == ["STOPPING=1", "STATUS=draining"]
