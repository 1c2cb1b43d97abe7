"""How often a shard is swept, on a mock clock."""

import pytest
import trio

from pushers.readiness import Readiness
from pushers.upkeep import Upkeep
from queues.errors import StoreUnavailableError
from queues.pushes.sweeper import Swept


class ScriptedSweep:
    def __init__(self) -> None:
        self.times: list[float] = []
        self.next_due: float | None = None
        self.trims = 0
        self.available = True

    async def sweep(self, _store: object, _shard: int, **_limits: object) -> Swept:
        await trio.lowlevel.checkpoint()
        if not self.available:
            raise StoreUnavailableError("away")
        self.times.append(trio.current_time())
        return Swept(frozenset({"city"}), self.next_due, 0, 0, [])

    async def trim_events(self, _store: object, _shard: int, _retain: float) -> int:
        await trio.lowlevel.checkpoint()
        self.trims += 1
        return 0


@pytest.fixture
def scripted(monkeypatch) -> ScriptedSweep:
    scripted = ScriptedSweep()
    monkeypatch.setattr("pushers.upkeep.sweep", scripted.sweep)
    monkeypatch.setattr("pushers.upkeep.trim_events", scripted.trim_events)
    return scripted


def upkeep(readiness: Readiness | None = None) -> Upkeep:
    return Upkeep(
        None,  # type: ignore[arg-type]
        2,
        readiness or Readiness(["city"]),
        retain_events_seconds=60,
        safe_seconds={},
        retain_seconds=60,
        claim_seconds=10,
    )


async def test_an_idle_shard_is_looked_at_every_five_seconds(scripted, nursery, autojump_clock):
    nursery.start_soon(upkeep().run)
    await trio.sleep(300)
    assert 58 <= len(scripted.times) <= 61
    assert 4 <= scripted.trims <= 5


async def test_while_something_is_due_later_it_is_looked_at_every_second(scripted, nursery, autojump_clock):
    scripted.next_due = 3_600
    nursery.start_soon(upkeep().run)
    await trio.sleep(60)
    assert 55 <= len(scripted.times) <= 61


async def test_what_is_due_is_swept_then(scripted, nursery, autojump_clock):
    scripted.next_due = 0.3
    nursery.start_soon(upkeep().run)
    await trio.sleep(0.4)
    assert scripted.times == [0, pytest.approx(0.35)]


async def test_wake_ups_are_heeded_at_once_and_not_too_often(scripted, nursery, autojump_clock):
    shard = upkeep()
    nursery.start_soon(shard.run)
    await trio.sleep(1)
    shard.wake()
    await trio.sleep(0.01)
    assert len(scripted.times) == 2
    for _ in range(100):
        shard.wake()
        await trio.sleep(0.01)
    assert len(scripted.times) <= 24


async def test_what_is_found_is_made_known(scripted, nursery, autojump_clock):
    readiness = Readiness(["city"])
    nursery.start_soon(upkeep(readiness).run)
    await readiness.changed("city")
    assert list(readiness.ready("city")) == [2]


async def test_a_store_that_is_away_is_asked_again(scripted, nursery, autojump_clock):
    scripted.available = False
    nursery.start_soon(upkeep().run)
    await trio.sleep(10)
    scripted.available = True
    await trio.sleep(2)
    assert scripted.times
