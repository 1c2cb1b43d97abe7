"""What a gateway process says at its start about the kernel's limits, and what it does about them."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.http.headroom import SPARE_DESCRIPTORS, take_headroom
from gateway.settings import ServerSettings


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """This process's limits as they were, afterwards."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def queue_limit(tmp_path: Path) -> Path:
    file = tmp_path / "somaxconn"
    file.write_text("4096\n")
    return file


def said(settings: ServerSettings, queue_limit: Path) -> list[str]:
    with capture_logs() as lines:
        take_headroom(settings, queue_limit)
    return [f"{line['event']}: {line['way_out']}" for line in lines]


def test_a_machine_with_room_is_not_talked_about(queue_limit: Path):
    assert said(ServerSettings(max_connections=10), queue_limit) == []


def test_the_soft_limit_on_descriptors_is_raised_to_the_hard_one(queue_limit: Path):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    said(ServerSettings(max_connections=10), queue_limit)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


def test_too_few_descriptors_are_said_with_the_way_out(queue_limit: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1024, 1024))
    [line] = said(ServerSettings(max_connections=2000), queue_limit)
    assert line.startswith("too few descriptors for the connections allowed: ")
    assert f"LimitNOFILE={2000 + SPARE_DESCRIPTORS} " in line


def test_a_limit_that_may_not_be_raised_is_taken_as_it_is(queue_limit: Path, monkeypatch: pytest.MonkeyPatch):
    def forbidden(_which: int, _limits: tuple[int, int]) -> None:
        raise PermissionError

    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", forbidden)
    assert len(said(ServerSettings(max_connections=2000), queue_limit)) == 1
    monkeypatch.undo()


def test_a_short_accept_queue_is_said_with_the_way_out(queue_limit: Path):
    queue_limit.write_text("128\n")
    [line] = said(ServerSettings(max_connections=10, backlog=2048), queue_limit)
    assert line.startswith("the kernel shortens the accept queue: sysctl -w net.core.somaxconn=2048")


def test_a_system_that_does_not_tell_is_no_warning(tmp_path: Path):
    assert said(ServerSettings(max_connections=10), tmp_path / "missing") == []
