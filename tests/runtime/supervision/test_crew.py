"""How a new set of workers takes the place of the old one, with keepers that start nothing."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from msgspec import structs

from runtime.configuration.settings import Settings
from runtime.errors import CommandError, ConfigurationError
from runtime.supervision.crew import Crew
from runtime.supervision.worker_channel import Assignment

SETTINGS = Settings()


class Kept:
    """A keeper without a process. It notes what becomes of its slot; one with `broken` settings refuses them."""

    diary: list[str]

    def __init__(self, assignment: Assignment, _grace_seconds: float, _listener: socket.socket | None) -> None:
        self.assignment = assignment
        self._stopping = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        retain = self.assignment.settings.pushers.retain_seconds
        if self.assignment.role == "pusher" and retain < 0:
            raise ConfigurationError("pushers: it cannot be")
        if self.assignment.role == "pusher" and not retain:
            await trio.sleep_forever()
        self.diary.append(f"{self.assignment.slot} is ready")
        task_status.started()
        await self._stopping.wait()

    async def stop(self) -> None:
        self.diary.append(f"{self.assignment.slot} stops")
        self._stopping.set()
        await trio.lowlevel.checkpoint()


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    Kept.diary = []
    monkeypatch.setattr("runtime.supervision.crew.Keeper", Kept)
    return Kept.diary


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as bound:
        yield bound


@pytest.fixture
async def crew(nursery: trio.Nursery, diary: list[str], listener: socket.socket) -> Crew:
    crew = Crew(nursery, Path("/nowhere"))
    for role in ("gateway", "pusher"):
        await crew.start(role, SETTINGS, listener)
    diary.clear()
    return crew


def slots(crew: Crew) -> list[str]:
    return [keeper.assignment.slot for keeper in crew.keepers]


async def test_the_old_ones_are_drained_once_all_the_new_ones_are_ready(crew, diary, listener):
    await crew.replace(SETTINGS, listener)
    assert diary[:2] == ["gateway-1 is ready", "pusher-1 is ready"]
    assert sorted(diary[2:]) == ["gateway-0 stops", "pusher-0 stops"]
    assert slots(crew) == ["gateway-1", "pusher-1"]
    await crew.replace(SETTINGS, listener)
    assert slots(crew) == ["gateway-0", "pusher-0"]


@pytest.mark.parametrize(("retain", "reason"), [(-1, "pushers: it cannot be"), (0, "not ready in time")])
async def test_if_one_new_one_does_not_become_ready_all_goes_on_as_it_was(
    crew, diary, listener, autojump_clock, retain, reason
):
    broken = structs.replace(SETTINGS, pushers=structs.replace(SETTINGS.pushers, retain_seconds=retain))
    with pytest.raises(CommandError, match=reason):
        await crew.replace(broken, listener)
    assert sorted(diary) == ["gateway-1 is ready", "gateway-1 stops", "pusher-1 stops"]
    assert slots(crew) == ["gateway-0", "pusher-0"]
